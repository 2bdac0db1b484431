package org.halvs.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class NftStackRedirectTest {
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final IpAddress VIP = IpAddress.of("198.51.100.80");
    private static final IpAddress VIP6 = IpAddress.of("2001:db8::80");
    private static final StackRedirect.Redirected OWN =
            new StackRedirect.Redirected(UDP, VIP, 53, IpAddress.of("198.51.100.1"), 5353);
    private static final StackRedirect.Redirected OWN6 =
            new StackRedirect.Redirected(TCP, VIP6, 80, IpAddress.of("2001:db8::1"), 8080);
    private static final StackRedirect.Redirected LOOPBACK =
            new StackRedirect.Redirected(TCP, VIP, 80, IpAddress.of("127.0.0.1"), 8080);

    @AutoClose
    private final TestNetwork network = TestNetwork.create();

    @Test
    void nftListsTheTablesAsAPersonWouldWriteThem() throws IOException, InterruptedException {
        try (StackRedirect redirect = open()) {
            assertThat(redirect.redirect(List.of(OWN, OWN6, LOOPBACK))).isEmpty();
            assertThat(nft("list", "table", "inet", "halvs_local"))
                    .contains("type nat hook prerouting priority dstnat; policy accept;")
                    .contains("iifname \"halvs0\" ip daddr 198.51.100.80 udp dport 53 counter packets 0 bytes 0"
                            + " dnat ip to 198.51.100.1:5353")
                    .contains("tcp dport 80 counter packets 0 bytes 0 dnat ip6 to [2001:db8::1]:8080")
                    .contains("tcp dport 80 counter packets 0 bytes 0 dnat ip to 127.0.0.1:8080");
            assertThat(nft("list", "table", "ip", "halvs_local"))
                    .contains("type filter hook postrouting priority 300; policy accept;")
                    .contains("oifname \"lo\"")
                    .contains("ip saddr 198.51.100.80 tcp sport 80 fib daddr type != local counter packets 0 bytes 0"
                            + " dup to ip daddr");
            redirect.remove();
            assertThat(nft("list", "ruleset")).doesNotContain("halvs");
        }
    }

    @Test
    void onlyAnswersOfLoopbackAddressesTakeARoutingRule() throws IOException, InterruptedException {
        try (StackRedirect redirect = open()) {
            redirect.redirect(List.of(OWN));
            assertThat(rules()).doesNotContain("127.0.0.0/8");
            redirect.redirect(List.of(LOOPBACK));
            redirect.redirect(List.of(LOOPBACK, OWN6)); // what is there already is no error
            assertThat(rules()).containsOnlyOnce("127:\tfrom 127.0.0.0/8 iif lo lookup 127080");
            assertThat(network.ipHere("route show table 127080")).contains("default dev lo");
            assertThat(nft("list", "ruleset")).doesNotContain("udp dport");
            redirect.redirect(List.of(OWN6));
            assertThat(rules()).doesNotContain("127.0.0.0/8");
            assertThat(network.ipHere("route show table all")).doesNotContain("127080");
            assertThat(nft("list", "ruleset")).contains("inet halvs_local").doesNotContain("ip halvs_local");
            redirect.redirect(List.of());
            assertThat(nft("list", "ruleset")).doesNotContain("halvs");
        }
    }

    @Test
    void aForeignFlushIsMendedByTheNextChange() throws IOException, InterruptedException {
        try (StackRedirect redirect = open()) {
            redirect.redirect(List.of(LOOPBACK));
            nft("flush", "ruleset");
            redirect.redirect(List.of(LOOPBACK, OWN));
            assertThat(nft("list", "ruleset")).contains("inet halvs_local").contains("ip halvs_local");
        }
    }

    @Test
    void itOutlivesItsMakerAndCleaningUpTwiceIsSuccess() throws IOException, InterruptedException {
        try (StackRedirect redirect = open()) {
            redirect.redirect(List.of(LOOPBACK));
        }
        assertThat(nft("list", "ruleset")).contains("halvs_local");
        network.inHere(() -> {
            NftStackRedirect.removeLeftovers();
            NftStackRedirect.removeLeftovers();
            return true;
        });
        assertThat(nft("list", "ruleset")).doesNotContain("halvs");
        assertThat(rules()).doesNotContain("127.0.0.0/8");
        assertThat(network.ipHere("route show table all")).doesNotContain("127080");
    }

    private String rules() {
        return network.ipHere("rule show");
    }

    private String nft(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", network.here, "nft"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assumeTrue(process.waitFor() == 0 || !output.contains("exec of"), "skipped: the program nft is not installed");
        return output;
    }

    private StackRedirect open() {
        return network.inHere(() -> NftStackRedirect.open("halvs0"));
    }
}
