package org.halvs.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NftStackGuardTest {
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int ESP = 50;
    private static final IpAddress HERE = IpAddress.of("198.51.100.1");
    private static final IpAddress THERE = IpAddress.of("198.51.100.2");
    private static final IpAddress THERE_V6 = IpAddress.of("2001:db8::2");

    private TestNetwork network;

    @BeforeEach
    void makeNetwork() {
        network = TestNetwork.create();
        network.ipHere("address add 198.51.100.1/24 dev eth0");
        network.ipHere("address add 2001:db8::1/64 dev eth0 nodad");
        network.ipThere("address add 198.51.100.2/24 dev eth0");
        network.ipThere("address add 2001:db8::2/64 dev eth0 nodad");
    }

    @AfterEach
    void removeNetwork() {
        network.close();
    }

    @Test
    void aServedPortIsSilentAndOthersAnswerAsBefore() {
        assertThatThrownBy(() -> connect(THERE, 80)).hasRootCauseInstanceOf(ConnectException.class);
        try (StackGuard guard = open()) {
            guard.withhold(List.of(new StackGuard.Served(TCP, THERE, 80, 80)), List.of());
            assertThatThrownBy(() -> connect(THERE, 80)).hasRootCauseInstanceOf(SocketTimeoutException.class);
            assertThatThrownBy(() -> connect(THERE, 81)).hasRootCauseInstanceOf(ConnectException.class);
            guard.remove();
            assertThatThrownBy(() -> connect(THERE, 80)).hasRootCauseInstanceOf(ConnectException.class);
        }
    }

    @Test
    void ipv6AndRangesOfPorts() {
        try (StackGuard guard = open()) {
            guard.withhold(
                    List.of(
                            new StackGuard.Served(TCP, THERE_V6, 80, 80),
                            new StackGuard.Served(TCP, THERE, 1024, 2000)),
                    List.of());
            assertThatThrownBy(() -> connect(THERE_V6, 80)).hasRootCauseInstanceOf(SocketTimeoutException.class);
            assertThatThrownBy(() -> connect(THERE_V6, 81)).hasRootCauseInstanceOf(ConnectException.class);
            assertThatThrownBy(() -> connect(THERE, 1024)).hasRootCauseInstanceOf(SocketTimeoutException.class);
            assertThatThrownBy(() -> connect(THERE, 2000)).hasRootCauseInstanceOf(SocketTimeoutException.class);
            assertThatThrownBy(() -> connect(THERE, 1023)).hasRootCauseInstanceOf(ConnectException.class);
            guard.withhold(List.of(new StackGuard.Served(TCP, THERE_V6, 80, 80)), List.of());
            assertThatThrownBy(() -> connect(THERE, 1024)).hasRootCauseInstanceOf(ConnectException.class);
        }
    }

    @Test
    void aTranslatedServerIsStillReachedFromThisMachineItself() throws IOException {
        try (StackGuard guard = open();
                ServerSocket server = network.inHere(() -> new ServerSocket(8080, 5, HERE.toInetAddress()))) {
            guard.withhold(
                    List.of(),
                    List.of(new StackGuard.Translated(TCP, HERE, 8080), new StackGuard.Translated(UDP, HERE, 0)));
            network.inThere(() -> {
                try (Socket socket = new Socket()) {
                    socket.connect(new InetSocketAddress(HERE.toInetAddress(), server.getLocalPort()), 2000);
                    return socket.isConnected();
                }
            });
        }
    }

    @Test
    void updatesAreDifferencesAndSurviveAForeignFlush() {
        List<StackGuard.Served> many = new ArrayList<>();
        for (int port = 1; port <= 3000; port++) {
            many.add(new StackGuard.Served(TCP, THERE, port, port));
        }
        try (StackGuard guard = open()) {
            guard.withhold(many, List.of());
            assertThatThrownBy(() -> connect(THERE, 3000)).hasRootCauseInstanceOf(SocketTimeoutException.class);
            guard.withhold(many.subList(0, 1), List.of());
            assertThatThrownBy(() -> connect(THERE, 3000)).hasRootCauseInstanceOf(ConnectException.class);
            assertThatThrownBy(() -> connect(THERE, 1)).hasRootCauseInstanceOf(SocketTimeoutException.class);
            network.inThere(() -> {
                NftStackGuard.removeLeftovers();
                return true;
            });
            guard.withhold(many.subList(1, 2), List.of());
            assertThatThrownBy(() -> connect(THERE, 1)).hasRootCauseInstanceOf(ConnectException.class);
            assertThatThrownBy(() -> connect(THERE, 2)).hasRootCauseInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void itOutlivesItsMakerAndCleaningUpTwiceIsSuccess() {
        try (StackGuard guard = open()) {
            guard.withhold(List.of(new StackGuard.Served(TCP, THERE, 80, 80)), List.of());
        }
        assertThatThrownBy(() -> connect(THERE, 80)).hasRootCauseInstanceOf(SocketTimeoutException.class);
        try (StackGuard next = open()) {
            next.withhold(List.of(new StackGuard.Served(TCP, THERE, 81, 81)), List.of());
            assertThatThrownBy(() -> connect(THERE, 80)).hasRootCauseInstanceOf(ConnectException.class);
        }
        network.inThere(() -> {
            NftStackGuard.removeLeftovers();
            NftStackGuard.removeLeftovers();
            return true;
        });
        assertThatThrownBy(() -> connect(THERE, 81)).hasRootCauseInstanceOf(ConnectException.class);
    }

    @Test
    void nftListsTheTableAsAPersonWouldWriteIt() throws IOException, InterruptedException {
        try (StackGuard guard = open()) {
            guard.withhold(
                    List.of(
                            new StackGuard.Served(TCP, THERE, 80, 80),
                            new StackGuard.Served(UDP, THERE_V6, 53, 53),
                            new StackGuard.Served(TCP, THERE, 1024, 65535),
                            new StackGuard.Served(ESP, THERE, 0, 65535)),
                    List.of(new StackGuard.Translated(TCP, HERE, 8080), new StackGuard.Translated(UDP, HERE, 0)));
            String listing = nft("list", "table", "inet", "halvs");
            assertThat(listing)
                    .contains("type inet_proto . ipv4_addr . inet_service")
                    .contains("tcp . 198.51.100.2 . 80")
                    .contains("udp . 2001:db8::2 . 53")
                    .contains("tcp . 198.51.100.1 . 8080")
                    .contains("type filter hook prerouting priority raw; policy accept;")
                    .contains("iifname \"lo\" accept")
                    .contains("iifname \"halvs0\" accept")
                    .contains("meta l4proto . ip daddr . th dport @served4 counter packets 0 bytes 0 drop")
                    .contains("meta l4proto . ip6 saddr . th sport @translated6 fib daddr type != local counter")
                    .contains("ip daddr 198.51.100.2 tcp dport 1024-65535 counter")
                    .contains("meta l4proto esp ip daddr 198.51.100.2 counter packets 0 bytes 0 drop")
                    .contains("meta l4proto udp ip saddr 198.51.100.1 fib daddr type != local counter")
                    .contains("elements = { 198.51.100.1 }")
                    .contains("ip frag-off != 0 ip frag-off != 16384 ip saddr @hosts4 fib daddr type != local counter")
                    .contains("exthdr frag exists ip6 saddr @hosts6 fib daddr type != local counter")
                    .contains("icmp type 3-4 @th,136,8 . @th,192,32 . @th,240,16 @translated4 fib daddr type != local")
                    .contains("icmpv6 type 1-127 @th,112,8 . @th,256,128 . @th,400,16 @translated6");
            guard.remove();
            assertThat(nft("list", "ruleset")).doesNotContain("halvs");
        }
    }

    private String nft(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", network.there, "nft"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assumeTrue(process.waitFor() == 0 || !output.contains("exec of"), "skipped: the program nft is not installed");
        return output;
    }

    private StackGuard open() {
        return network.inThere(() -> NftStackGuard.open("halvs0"));
    }

    private void connect(IpAddress address, int port) {
        network.inHere(() -> {
            try (Socket socket = new Socket()) {
                InetAddress target = address.toInetAddress();
                socket.connect(new InetSocketAddress(target, port), 250);
                return true;
            }
        });
    }
}
