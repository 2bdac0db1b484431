package org.halvs.ipvs.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.halvs.ipvs.capture.FrameBytes;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScriptReaderTest {
    private static ScriptCommand one(String line) {
        ScriptReader.Script script = ScriptReader.read("s", line);
        assertThat(script.problems()).isEmpty();
        return script.lines().getFirst().command();
    }

    @Test
    void everyCommandIsRead() {
        ScriptReader.Script script = ScriptReader.read("s", """
                # a director
                interface e0 02:00:00:00:01:01 10.0.1.1/24,10.0.1.100/32,fd01::1/64

                mtu e0 1300
                route default via 10.0.1.254
                route 10.0.9.0/24 dev e0
                neighbour e0 10.0.1.254 02:00:00:00:01:02
                ipvsadm -A -t 10.0.1.100:80 -s rr
                sysctl net.ipv4.vs.conn_reuse_mode=0
                advance 2s
                frame e0 0200 mark 0x7
                """);
        assertThat(script.problems()).isEmpty();
        assertThat(script.lines()).hasSize(9);
        assertThat(script.lines().getFirst().number()).isEqualTo(2);
        assertThat(script.lines().getLast().command())
                .isEqualTo(new ScriptCommand.Frame("e0", FrameBytes.ofHex("0200"), 7));
    }

    @Test
    void aRouteGoesViaAnAddressOrByADevice() {
        assertThat(one("route default via fd01::1"))
                .isEqualTo(new ScriptCommand.RouteVia(IpAddress.ANY_IPV6, 0, IpAddress.of("fd01::1")));
        assertThat(one("route 10.0.9.1 dev e1"))
                .isEqualTo(new ScriptCommand.RouteDevice(IpAddress.of("10.0.9.1"), 32, "e1"));
    }

    @ParameterizedTest
    @CsvSource({
        "500ms,500000000",
        "2s,2000000000",
        "15m,900000000000",
        "1.5h,5400000000000",
        "1d,86400000000000",
        "7us,7000",
        "3ns,3"
    })
    void durationsHaveUnits(String text, long nanos) {
        assertThat(ScriptReader.duration(text)).contains(nanos);
    }

    @Test
    void allProblemsAreToldAtOnceWithTheirLines() {
        assertThat(ScriptReader.read("x.txt", "mtu e0 12\nframe e0 0g\nadvance 5\nfly\nroute 1.2.3.4\nsysctl x\n")
                        .problems())
                .isEqualTo(List.of(
                        "x.txt:1: an MTU is between 68 and 65535, not 12",
                        "x.txt:2: a frame is written in pairs of hexadecimal digits without anything between them",
                        "x.txt:3: not a duration: 5; write 500ms, 2s, 15m",
                        "x.txt:4: unknown command fly; known are interface, mtu, route, neighbour, ipvsadm, sysctl,"
                                + " advance, frame",
                        "x.txt:5: expected: route PREFIX via ADDR, or route PREFIX dev NAME",
                        "x.txt:6: expected: sysctl KEY=VALUE"));
    }
}
