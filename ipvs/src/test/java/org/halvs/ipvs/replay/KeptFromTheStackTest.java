package org.halvs.ipvs.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.halvs.ipvs.admin.MemoryNameService;
import org.halvs.ipvs.admin.Outcome;
import org.halvs.ipvs.forward.IpvsProcessor;
import org.junit.jupiter.api.Test;

/** Packets of a masqueraded server that are kept from the kernel though no connection wants them: routed here as they are. */
class KeptFromTheStackTest {
    private static final String NETWORK = """
            interface e0 02:00:00:00:01:01 10.0.1.1/24,10.0.1.100/32
            interface e1 02:00:00:00:02:01 10.0.2.1/24
            route 0.0.0.0/0 via 10.0.1.254
            neighbour e0 10.0.1.254 02:00:00:00:01:02
            neighbour e1 10.0.2.11 02:00:00:00:02:11
            ipvsadm -A -u 10.0.1.100:53 -s rr
            ipvsadm -a -u 10.0.1.100:53 -r 10.0.2.11 -m
            """;
    private static final String IN = "frame e1 020000000201020000000211080045";
    private static final String OUT = "> e0 020000000102020000000101080045";
    /** From 10.0.2.11: port unreachable, quoting 198.18.1.1:1000 to 10.0.2.11:53. */
    private static final String ERROR =
            "01a8a50a00020bc61201010303d035000000004500001d000100003c11abb1c61201010a00020b03e800350009b0a078";

    private static List<String> play(String script) {
        ReplayDirector director =
                new ReplayDirector(new IpvsProcessor(IpvsProcessor.Options.DEFAULT, 0), new ReplayNetwork());
        Outcome outcome = new ScriptRunner(director, new MemoryNameService(""), false).run("script", NETWORK + script);
        assertThat(outcome.stderr()).isEmpty();
        return outcome.stdout().lines().toList();
    }

    @Test
    void errorsOfNoConnection() {
        String error = IN + "0000390001000040" + ERROR.replaceFirst("a8a5", "a7a5");
        assertThat(play(error)).containsExactly(OUT + "000039000100003f" + ERROR);
        assertThat(play("sysctl net.ipv4.ip_forward=0\n" + error)).containsExactly("> drop no_connection");
    }

    /** Of port 9999, which no service has; one fragment comes twice. */
    @Test
    void fragmentsOfNoConnection() {
        String first = IN + "00002400072000401187a40a00020bc6120101270f0007002053c87979797979797979";
        String last = IN + "000024000700024011a7a20a00020bc612010179797979797979797979797979797979";
        assertThat(play(first + "\n" + first + "\n" + last))
                .containsExactly(
                        "> drop fragment",
                        OUT + "000024000720003f1188a40a00020bc6120101270f0007002053c87979797979797979",
                        OUT + "000024000700023f11a8a20a00020bc612010179797979797979797979797979797979");
    }
}
