package org.halvs.ipvs.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.admin.Ipvsadm;
import org.halvs.ipvs.admin.MemoryNameService;
import org.halvs.ipvs.forward.IpvsProcessor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The recording estimator.txt: 40 datagrams of 128 bytes and 10 new flows a second for 12 s, then silence. The recording tells how many packets
 * each pass of the estimator found; they are sent so that the same number is found here.
 */
class EstimatorTest {
    private static final String SERVICE = "UDP  10.0.1.100:2058                ";
    private static final String FIRST = "  -> 10.0.2.11:2058                 ";
    private static final String SECOND = "  -> 10.0.2.12:2058                 ";

    /** Packets before each pass, in all, and what was listed after it: CPS, InPPS and InBPS of the service. */
    private static final int[][] PASSES = {
        {78, 2, 10, 1248},
        {158, 4, 17, 2216},
        {239, 6, 23, 2958},
        {319, 7, 27, 3498},
        {400, 8, 31, 3920},
        {480, 8, 33, 4220},
        {480, 6, 25, 3165},
        {480, 5, 19, 2374},
        {480, 3, 14, 1780},
        {480, 3, 10, 1335},
        {480, 2, 8, 1001},
        {480, 1, 6, 751},
        {480, 1, 4, 563}
    };

    private final ReplayDirector director =
            new ReplayDirector(new IpvsProcessor(IpvsProcessor.Options.DEFAULT, 0), new ReplayNetwork());
    private final Ipvsadm ipvsadm = new Ipvsadm(new MemoryNameService(""));
    private int sent;
    private int flows;

    private List<String> ipvsadm(String arguments) {
        return ipvsadm.run(List.of(arguments.split(" ")), "", director)
                .stdout()
                .lines()
                .toList();
    }

    private void run(String script) {
        assertThat(new ScriptRunner(director, new MemoryNameService(""), false)
                        .run("test", script)
                        .stderr())
                .isEmpty();
    }

    /** Ten of the flows begin each second, twenty before each pass. */
    private void sendUpTo(int packets, int newFlows) {
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < newFlows; i++) {
            ports.add(20_000 + flows++);
        }
        for (int i = 0; sent < packets; i++, sent++) {
            String brief = "cl 198.18.9.1>10.0.1.100 UDP " + ports.get(i % ports.size()) + ">2058 ttl=64";
            TestFrames.Arrival arrival = TestFrames.of(brief, Optional.of("x".repeat(100)));
            director.frame(arrival.interfaceName(), arrival.bytes(), 0);
        }
    }

    @BeforeEach
    void director() {
        run("""
                interface e0 02:00:00:00:01:01 10.0.1.1/24,10.0.1.100/32
                interface e1 02:00:00:00:02:01 10.0.2.1/24
                neighbour e1 10.0.2.11 02:00:00:00:02:0b
                neighbour e1 10.0.2.12 02:00:00:00:02:0c
                ipvsadm -A -u 10.0.1.100:2058 -s rr
                ipvsadm -a -u 10.0.1.100:2058 -r 10.0.2.11 -m
                ipvsadm -a -u 10.0.1.100:2058 -r 10.0.2.12 -m
                """);
    }

    @Test
    void ratesRiseAndFallAsRecorded() {
        for (int[] pass : PASSES) {
            sendUpTo(pass[0], sent < pass[0] ? 20 : 0);
            director.advance(2_000_000_000L);
            assertThat(ipvsadm("-Ln --rate"))
                    .contains(SERVICE
                            + "%9d%9d%9d%9d%9d"
                                    .formatted(pass[1], pass[2], 0, pass[3], 0)
                                    .substring(3));
        }
        assertThat(ipvsadm("-Ln --stats"))
                .contains(SERVICE + "   120      480        0    61440        0")
                .anyMatch(line -> line.startsWith(FIRST + "    60 "))
                .anyMatch(line -> line.startsWith(SECOND + "    60 "));
    }

    @Test
    void zeroStartsFromWhatIsListed() {
        sendUpTo(10, 2);
        assertThat(ipvsadm("-Ln --stats"))
                .as("not yet")
                .contains(SERVICE + "     0        0        0        0        0");
        director.advance(2_000_000_000L);
        assertThat(ipvsadm("-Ln --stats")).contains(SERVICE + "     2       10        0     1280        0");
        sendUpTo(13, 3);
        assertThat(ipvsadm("-Z")).isEmpty();
        assertThat(ipvsadm("-Ln --stats")).contains(SERVICE + "     0        0        0        0        0");
        assertThat(ipvsadm("-Ln --rate")).contains(SERVICE + "     0        0        0        0        0");
        director.advance(2_000_000_000L);
        assertThat(ipvsadm("-Ln --stats"))
                .as("what came since the last pass counts")
                .contains(SERVICE + "     3        3        0      384        0");
    }
}
