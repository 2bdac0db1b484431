package org.halvs.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code here} is a client that knows an old MAC for the addresses of {@code there}. */
class NftFrameAdoptionTest {
    private static final int PORT = 8080;
    private static final String OLD = "02:00:00:00:00:99";
    private static final MacAddress OLD_MAC = MacAddress.parse(OLD).orElseThrow();
    private static final IpAddress CLIENT = IpAddress.of("198.51.100.1");
    private static final IpAddress FLOATING = IpAddress.of("198.51.100.50");
    private static final IpAddress FLOATING_V6 = IpAddress.of("2001:db8::50");
    private static final IpAddress OTHER = IpAddress.of("198.51.100.2");

    private TestNetwork network;
    private int eth0;

    @BeforeEach
    void makeNetwork() throws Exception {
        network = TestNetwork.create();
        network.ipHere("address add 198.51.100.1/24 dev eth0");
        network.ipHere("address add 2001:db8::1/64 dev eth0 nodad");
        network.ipThere("address add 198.51.100.2/24 dev eth0");
        network.ipThere("address add 198.51.100.50/24 dev eth0");
        network.ipThere("address add 2001:db8::50/64 dev eth0 nodad");
        for (IpAddress address : List.of(FLOATING, FLOATING_V6, OTHER)) {
            network.ipHere("neigh replace " + address + " lladdr " + OLD + " dev eth0 nud permanent");
        }
        try (Rtnetlink rtnetlink = network.inThere(Rtnetlink::open)) {
            eth0 = rtnetlink.links().stream()
                    .filter(link -> link.name().equals("eth0"))
                    .findFirst()
                    .orElseThrow()
                    .index();
        }
    }

    @AfterEach
    void removeNetwork() {
        network.close();
    }

    private void adopt(FrameAdoption adoption, IpAddress... addresses) {
        network.inThere(() -> {
            adoption.adopt(Stream.of(addresses)
                    .map(address -> new FrameAdoption.Adopted(eth0, "eth0", OLD_MAC, address))
                    .toList());
            return addresses.length;
        });
    }

    @Test
    void packetsForTheAddressesAreServedAndNoOthers() throws Exception {
        try (ServerSocket _ = network.inThere(() -> new ServerSocket(PORT));
                FrameAdoption adoption = network.inThere(NftFrameAdoption::open)) {
            assertThatThrownBy(() -> connect(FLOATING)).hasRootCauseInstanceOf(SocketTimeoutException.class);
            adopt(adoption, FLOATING, FLOATING_V6);
            connect(FLOATING);
            connect(FLOATING_V6);
            assertThatThrownBy(() -> connect(OTHER))
                    .as("what is sent to another address of the MAC stays its own")
                    .hasRootCauseInstanceOf(SocketTimeoutException.class);
            adopt(adoption, FLOATING_V6);
            connect(FLOATING_V6);
            assertThatThrownBy(() -> connect(FLOATING)).hasRootCauseInstanceOf(SocketTimeoutException.class);
            assertThat(network.ip("-n " + network.there + " -d link show eth0"))
                    .contains("promiscuity 1"); // a veth has no filter of its own
        }
        assertThatThrownBy(() -> connect(FLOATING_V6)).hasRootCauseInstanceOf(SocketTimeoutException.class);
        assertThat(network.ip("netns exec " + network.there + " nft list ruleset"))
                .isBlank();
        assertThat(network.ip("-n " + network.there + " -d link show eth0")).contains("promiscuity 0");
    }

    @Test
    void whoSendsToTheMacIsHeardAndSoIsItself() throws Exception {
        try (FrameAdoption adoption = network.inThere(NftFrameAdoption::open);
                LinkLayerSocket sender = network.inHere(LinkLayerSocket::openForSending)) {
            assertThat(adoption.hear(0)).isEmpty();
            adopt(adoption, FLOATING);
            assertThatThrownBy(() -> connect(FLOATING)).isNotNull(); // refused: nobody listens
            Optional<FrameAdoption.Heard> heard = adoption.hear(1000);
            assertThat(heard).get().isInstanceOfSatisfying(FrameAdoption.Heard.Sender.class, from -> {
                assertThat(from.linkIndex()).isEqualTo(eth0);
                assertThat(from.address()).isEqualTo(CLIENT);
            });
            while (heard.isPresent()) {
                heard = adoption.hear(0);
            }
            int linkHere;
            try (Rtnetlink rtnetlink = network.inHere(Rtnetlink::open)) {
                linkHere = rtnetlink.links().stream()
                        .filter(link -> link.name().equals("eth0"))
                        .findFirst()
                        .orElseThrow()
                        .index();
            }
            sender.send(linkHere, new ReverseArpFrame(OLD_MAC).bytes());
            assertThat(adoption.hear(100)).as("what shows the MAC to bridges").isEmpty();
            sender.send(linkHere, ArpFrame.probe(OLD_MAC, CLIENT).bytes());
            assertThat(adoption.hear(1000)).contains(new FrameAdoption.Heard.Owner(eth0, OLD_MAC));
        }
    }

    @Test
    void whatAKilledProcessLeavesIsRemoved() throws Exception {
        network.ip("netns exec " + network.there + " nft add table netdev halvs_adopted");
        network.inThere(() -> {
            NftFrameAdoption.removeLeftovers();
            NftFrameAdoption.removeLeftovers();
            return "";
        });
        assertThat(network.ip("netns exec " + network.there + " nft list ruleset"))
                .isBlank();
    }

    private void connect(IpAddress address) throws Exception {
        network.inHere(() -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(address.toInetAddress(), PORT), 400);
                return socket.getPort();
            } catch (IOException e) {
                throw new IOException("connect to " + address, e);
            }
        });
    }
}
