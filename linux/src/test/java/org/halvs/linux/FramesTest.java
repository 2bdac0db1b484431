package org.halvs.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The frames this package builds, byte for byte, and on a wire. */
class FramesTest {
    private static final MacAddress MAC = MacAddress.parse("02:00:5e:00:53:01").orElseThrow();
    private static final IpAddress VIP = IpAddress.of("192.0.2.10");

    @Test
    void gratuitousRequest() {
        assertThat(HexFormat.of().formatHex(ArpFrame.gratuitousRequest(MAC, VIP).bytes()))
                .isEqualTo("ffffffffffff" + "02005e005301" + "0806" + "0001" + "0800" + "0604" + "0001" + "02005e005301"
                        + "c000020a" + "000000000000" + "c000020a");
    }

    @Test
    void gratuitousReply() {
        assertThat(HexFormat.of().formatHex(ArpFrame.gratuitousReply(MAC, VIP).bytes()))
                .isEqualTo("ffffffffffff" + "02005e005301" + "0806" + "0001" + "0800" + "0604" + "0002" + "02005e005301"
                        + "c000020a" + "02005e005301" + "c000020a");
    }

    @Test
    void parsesWhatItBuilds() {
        IpAddress asker = IpAddress.of("192.0.2.1");
        for (ArpFrame frame : List.of(
                ArpFrame.gratuitousReply(MAC, VIP),
                ArpFrame.probe(MAC, VIP),
                ArpFrame.request(MAC, asker, VIP),
                ArpFrame.reply(MAC, VIP, new MacAddress(7), asker))) {
            assertThat(ArpFrame.parse(frame.bytes())).hasValue(frame);
        }
    }

    @Test
    void randomBytesAreNoFrame() {
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = new byte[random.nextInt(80)];
            random.nextBytes(bytes);
            assertThat(ArpFrame.parse(bytes)).isEmpty();
        }
    }

    @Test
    void advertisementHasAValidChecksum() {
        byte[] frame = new NeighbourAdvertisement(MAC, IpAddress.of("2001:db8::10"), true).bytes();
        assertThat(HexFormat.of().formatHex(frame, 0, 22))
                .isEqualTo("333300000001" + "02005e005301" + "86dd" + "60000000" + "0020" + "3aff");
        long sum = InternetChecksum.sum(frame, 22, frame.length - 22) + 32 + 58;
        assertThat(InternetChecksum.fold(sum)).isZero();
        assertThat(HexFormat.of().formatHex(frame, 58, 62)).isEqualTo("a0000000");
    }

    @Test
    void aNeighbourLearnsFromThem() throws Exception {
        try (TestNetwork network = TestNetwork.create()) {
            IpAddress vip6 = IpAddress.of("2001:db8::10");
            network.ipThere("addr add 192.0.2.2/24 dev eth0");
            network.ipThere("addr add 2001:db8::2/64 dev eth0 nodad");
            network.ipThere("neigh add 192.0.2.10 lladdr 02:00:00:00:00:99 dev eth0 nud stale");
            network.ipThere("neigh add 2001:db8::10 lladdr 02:00:00:00:00:99 dev eth0 nud stale");
            try (LinkLayerSocket sender = network.inHere(LinkLayerSocket::openForSending);
                    LinkLayerSocket listener = network.inThere(LinkLayerSocket::openForArp);
                    Rtnetlink here = network.inHere(Rtnetlink::open);
                    Rtnetlink there = network.inThere(Rtnetlink::open)) {
                int eth0 = here.links().getLast().index();
                sender.send(eth0, ArpFrame.gratuitousRequest(MAC, VIP).bytes());
                sender.send(eth0, new NeighbourAdvertisement(MAC, vip6, false).bytes());
                LinkLayerSocket.Frame frame = listener.receive(2000).orElseThrow();
                assertThat(ArpFrame.parse(frame.bytes())).hasValue(ArpFrame.gratuitousRequest(MAC, VIP));
                assertThat(frame.linkIndex()).isEqualTo(there.links().getLast().index());
                assertThat(listener.receive(20)).isEmpty();
                long deadline = System.nanoTime() + 2_000_000_000L;
                while (there.neighbours().stream()
                                .filter(n -> n.mac().filter(MAC::equals).isPresent())
                                .count()
                        < 2) {
                    assertThat(System.nanoTime()).as("%s", there.neighbours()).isLessThan(deadline);
                    Thread.sleep(2);
                }
            }
        }
    }
}
