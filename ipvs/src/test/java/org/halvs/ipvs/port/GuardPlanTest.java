package org.halvs.ipvs.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.forward.WithheldTraffic;
import org.halvs.linux.IpAddress;
import org.halvs.linux.StackGuard;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a director serves the key exchange of IPsec, the stack sees neither AH nor ESP. */
class GuardPlanTest {
    private static final int ESP = 50;
    private static final int AH = 51;

    @ParameterizedTest
    @CsvSource({
        "UDP, 192.0.2.80, 500, 500, true",
        "UDP, 192.0.2.80, 0, 65535, true",
        "UDP, 2001:db8::80, 500, 500, true",
        "UDP, 192.0.2.80, 4500, 4500, false",
        "UDP, 192.0.2.80, 0, 499, false",
        "TCP, 192.0.2.80, 0, 65535, false"
    })
    void ofAnAddress(Protocol protocol, IpAddress address, int first, int last, boolean ipsec) {
        WithheldTraffic traffic = new WithheldTraffic(
                List.of(new WithheldTraffic.Served(protocol, address, first, last)), List.of(), List.of());
        List<StackGuard.Served> served = GuardPlan.served(traffic, MarkedTraffic.NONE);
        assertThat(served).startsWith(new StackGuard.Served(protocol.number(), address, first, last));
        StackGuard.Served esp = new StackGuard.Served(ESP, address, 0, 65535);
        StackGuard.Served ah = new StackGuard.Served(AH, address, 0, 65535);
        assertThat(served.contains(esp)).isEqualTo(ipsec);
        assertThat(served.contains(ah)).isEqualTo(ipsec && address.isIpv4());
    }

    @ParameterizedTest
    @CsvSource({
        "UDP, 10.1.0.11, 500, true",
        "UDP, 10.1.0.11, 0, true",
        "UDP, fd01::11, 0, true",
        "UDP, 10.1.0.11, 4500, false",
        "SCTP, 10.1.0.11, 0, false"
    })
    void ofAServer(Protocol protocol, IpAddress server, int port, boolean ipsec) {
        WithheldTraffic traffic = new WithheldTraffic(
                List.of(), List.of(), List.of(new WithheldTraffic.Masqueraded(protocol, server, port)));
        List<StackGuard.Translated> translated = GuardPlan.translated(traffic);
        assertThat(translated).startsWith(new StackGuard.Translated(protocol.number(), server, port));
        StackGuard.Translated esp = new StackGuard.Translated(ESP, server, 0);
        StackGuard.Translated ah = new StackGuard.Translated(AH, server, 0);
        assertThat(translated.contains(esp)).isEqualTo(ipsec);
        assertThat(translated.contains(ah)).isEqualTo(ipsec && server.isIpv4());
    }
}
