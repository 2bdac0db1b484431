package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.ConnectionEntry;
import org.halvs.ipvs.ConnectionPage;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Persistence;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.Timeouts;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.packet.Checksum;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the recorded stories of lifecycle.txt and persistence.txt tell: edits, deletions, drains, reuse, persistence, floods. */
class LifecycleTest {
    private static final IpAddress CLIENT = IpAddress.of("198.18.21.1");
    private static final int PORT = 2015;
    private static final ServiceKey KEY = new ServiceKey.AddressKey(Protocol.TCP, DirectorLab.VIP, PORT);
    private static final ServiceKey UDP_KEY = new ServiceKey.AddressKey(Protocol.UDP, DirectorLab.VIP, PORT);

    private final DirectorLab lab = new DirectorLab();

    private void nat(int servers) {
        serve(VirtualService.of(KEY, SchedulerKind.RR), ForwardingMethod.MASQUERADE, servers);
    }

    private void serve(VirtualService service, ForwardingMethod method, int servers) {
        lab.service(service);
        int port = service.key() instanceof ServiceKey.AddressKey key ? key.port() : 0;
        for (int n = 1; n <= servers; n++) {
            lab.addServer(service.key(), RealServer.of(DirectorLab.server(n), port, method, 1));
        }
    }

    private String in(IpAddress client, int port, int flags) {
        return in(client, port, PORT, flags);
    }

    private String in(IpAddress client, int port, int to, int flags) {
        return lab.result(lab.send(
                DirectorLab.CLIENT_SIDE,
                Frames.tcp(DirectorLab.CLIENT_SIDE, client, port, DirectorLab.VIP, to, flags)));
    }

    private List<DirectorLab.Sent> out(String server, IpAddress client, int port, int flags) {
        IpAddress from = DirectorLab.server(Integer.parseInt(server.substring(2)));
        return lab.send(DirectorLab.SERVER_SIDE, Frames.tcp(DirectorLab.SERVER_SIDE, from, PORT, client, port, flags));
    }

    private String open(IpAddress client, int port) {
        String server = in(client, port, Tcp.SYN);
        out(server, client, port, Tcp.SYN | Tcp.ACK);
        in(client, port, Tcp.ACK);
        return server;
    }

    private List<ConnectionEntry> connections() {
        return lab.processor.connections(lab.nowNanos);
    }

    @Test
    void aDeletedServerIsSilentUntilItComesBackWithItsFigures() {
        nat(2);
        assertThat(open(CLIENT, 33001)).isEqualTo("rs2");
        lab.removeServer(KEY, DirectorLab.server(2));
        assertThat(in(CLIENT, 33001, Tcp.ACK | Tcp.PSH)).isEqualTo("drop");
        assertThat(lab.lastVerdict).isEqualTo(DropReason.DESTINATION_GONE);
        PacketView reply = new PacketView();
        byte[] frame = out("rs2", CLIENT, 33001, Tcp.ACK).getFirst().frame();
        reply.parse(MemorySegment.ofArray(frame), 14, frame.length, true);
        assertThat(reply.sourceLow).isEqualTo(DirectorLab.VIP.low());
        lab.addServer(KEY, RealServer.of(DirectorLab.server(2), PORT, ForwardingMethod.MASQUERADE, 1));
        assertThat(lab.counts(KEY)).isEqualTo("rs2=1/0,rs1=0/0");
        assertThat(in(CLIENT, 33001, Tcp.ACK | Tcp.PSH)).isEqualTo("rs2");
    }

    @Test
    void expireNodestConnEndsConnectionsOfDeletedServers() {
        lab.processor.settings(IpvsSettings.DEFAULT.with(Setting.EXPIRE_NODEST_CONN, 1));
        nat(2);
        assertThat(open(CLIENT, 33002)).isEqualTo("rs2");
        lab.removeServer(KEY, DirectorLab.server(2));
        assertThat(in(CLIENT, 33002, Tcp.ACK)).isEqualTo("local");
        assertThat(connections()).isEmpty();
        assertThat(in(CLIENT, 33002, Tcp.SYN)).isEqualTo("rs1");
    }

    @Test
    void weightZeroDrains() {
        nat(2);
        assertThat(open(CLIENT, 33004)).isEqualTo("rs2");
        lab.editServer(KEY, RealServer.of(DirectorLab.server(2), PORT, ForwardingMethod.MASQUERADE, 0));
        assertThat(in(CLIENT, 33004, Tcp.ACK)).isEqualTo("rs2");
        assertThat(in(CLIENT, 33004, Tcp.SYN)).isEqualTo("rs2");
        for (int i = 0; i < 4; i++) {
            assertThat(in(CLIENT, 33100 + i, Tcp.SYN)).isEqualTo("rs1");
        }
        lab.editServer(KEY, RealServer.of(DirectorLab.server(1), PORT, ForwardingMethod.MASQUERADE, 0));
        assertThat(in(CLIENT, 33200, Tcp.SYN)).isEqualTo("icmp:3/3");
        assertThat(lab.lastVerdict).isEqualTo(DropReason.NO_DESTINATION);
    }

    @Test
    void aSynRescheduleAfterDrainWithExpireNodestConn() {
        lab.processor.settings(IpvsSettings.DEFAULT.with(Setting.EXPIRE_NODEST_CONN, 1));
        nat(2);
        assertThat(open(CLIENT, 33003)).isEqualTo("rs2");
        lab.editServer(KEY, RealServer.of(DirectorLab.server(2), PORT, ForwardingMethod.MASQUERADE, 0));
        assertThat(in(CLIENT, 33003, Tcp.ACK)).isEqualTo("rs2");
        assertThat(in(CLIENT, 33003, Tcp.SYN)).isEqualTo("rs1");
    }

    /** Whether a SYN on a tuple that ended goes to the other of two servers. */
    @ParameterizedTest
    @CsvSource({
        "0, MASQUERADE, FoFA, false",
        "0, MASQUERADE, R, false",
        "1, MASQUERADE, FoFA, true",
        "1, MASQUERADE, R, true",
        "1, MASQUERADE, F, false",
        "1, DIRECT_ROUTE, F, false",
        "1, DIRECT_ROUTE, R, true",
        "2, MASQUERADE, FoFA, true",
        "2, DIRECT_ROUTE, F, true",
        "3, DIRECT_ROUTE, FA, true"
    })
    void reuseOfATuple(int mode, ForwardingMethod method, String end, boolean rescheduled) {
        lab.processor.settings(IpvsSettings.DEFAULT.with(Setting.CONN_REUSE_MODE, mode));
        serve(VirtualService.of(KEY, SchedulerKind.RR), method, 2);
        String first = in(CLIENT, 33001, Tcp.SYN);
        boolean nat = method == ForwardingMethod.MASQUERADE;
        if (nat) {
            out(first, CLIENT, 33001, Tcp.SYN | Tcp.ACK);
        }
        in(CLIENT, 33001, Tcp.ACK);
        for (int i = 0; i < end.length(); i++) {
            switch (end.charAt(i)) {
                case 'F' -> in(CLIENT, 33001, Tcp.FIN | Tcp.ACK);
                case 'A' -> in(CLIENT, 33001, Tcp.ACK);
                case 'R' -> in(CLIENT, 33001, Tcp.RST);
                case 'o' -> {
                    out(first, CLIENT, 33001, Tcp.FIN | Tcp.ACK);
                    i++;
                }
                default -> throw new AssertionError(end);
            }
        }
        String second = in(CLIENT, 33001, Tcp.SYN);
        assertThat(!second.equals(first)).isEqualTo(rescheduled);
        assertThat(connections()).hasSize(1);
    }

    @Test
    void aServiceWithoutServersAnswersAndOthersAreLeftToTheStack() {
        lab.service(VirtualService.of(KEY, SchedulerKind.RR));
        assertThat(in(CLIENT, 40000, Tcp.SYN)).isEqualTo("icmp:3/3");
        assertThat(in(CLIENT, 40000, Tcp.ACK)).isEqualTo("local");
        assertThat(in(CLIENT, 40000, 9, Tcp.SYN)).isEqualTo("local");
    }

    @Test
    void onePacketSchedulingKeepsNoEntries() {
        serve(
                new VirtualService(UDP_KEY, SchedulerKind.RR, List.of(), Optional.empty(), true),
                ForwardingMethod.MASQUERADE,
                3);
        for (String server : List.of("rs3", "rs2", "rs1", "rs3")) {
            assertThat(lab.result(datagram(CLIENT, 5353, "x"))).isEqualTo(server);
        }
        assertThat(connections()).isEmpty();
        assertThat(lab.counts(UDP_KEY)).isEqualTo("rs3=0/0,rs2=0/0,rs1=0/0");
        lab.advance(2_000);
        assertThat(lab.stats(UDP_KEY).counters().connections()).isEqualTo(4);
    }

    private List<DirectorLab.Sent> datagram(IpAddress client, int port, String text) {
        return lab.send(
                DirectorLab.CLIENT_SIDE,
                Frames.udp(
                        DirectorLab.CLIENT_SIDE,
                        client,
                        port,
                        DirectorLab.VIP,
                        PORT,
                        text.getBytes(StandardCharsets.US_ASCII)));
    }

    private void persistent(int timeout, int netmask, Protocol protocol, String engine, int servers) {
        Optional<String> name = engine.isEmpty() ? Optional.empty() : Optional.of(engine);
        ServiceKey key = protocol == Protocol.TCP ? KEY : UDP_KEY;
        serve(
                new VirtualService(
                        key, SchedulerKind.RR, List.of(), Optional.of(new Persistence(timeout, netmask, name)), false),
                ForwardingMethod.MASQUERADE,
                servers);
    }

    @Test
    void aClientStaysWithItsServer() {
        persistent(300, -1, Protocol.TCP, "", 3);
        assertThat(open(IpAddress.of("198.18.4.1"), 28001)).isEqualTo("rs3");
        assertThat(open(IpAddress.of("198.18.4.1"), 28002)).isEqualTo("rs3");
        assertThat(open(IpAddress.of("198.18.4.2"), 28003)).isEqualTo("rs2");
        assertThat(open(IpAddress.of("198.18.4.3"), 28004)).isEqualTo("rs1");
        assertThat(open(IpAddress.of("198.18.4.1"), 28005)).isEqualTo("rs3");
        assertThat(open(IpAddress.of("198.18.5.1"), 28006)).isEqualTo("rs3");
        assertThat(connections().stream().filter(ConnectionEntry::template).map(ConnectionEntry::state))
                .hasSize(4)
                .containsOnly("ASSURED");
        assertThat(lab.counts(KEY)).isEqualTo("rs3=4/0,rs2=1/0,rs1=1/0");
        assertThat(lab.stats(KEY).servers().getFirst().persistent()).isEqualTo(2);
    }

    @Test
    void aNetmaskMakesNetworksOfClients() {
        persistent(300, 0xffffff00, Protocol.TCP, "", 3);
        assertThat(open(IpAddress.of("198.18.4.1"), 28007)).isEqualTo("rs3");
        assertThat(open(IpAddress.of("198.18.4.77"), 28008)).isEqualTo("rs3");
        assertThat(open(IpAddress.of("198.18.6.2"), 28009)).isEqualTo("rs2");
        assertThat(open(IpAddress.of("198.18.6.200"), 28010)).isEqualTo("rs2");
        assertThat(open(IpAddress.of("198.18.7.1"), 28012)).isEqualTo("rs1");
    }

    @Test
    void templatesOutliveTheirTimeoutInStepsOfAMinute() {
        persistent(3, -1, Protocol.UDP, "", 2);
        lab.processor.changeTimeouts(new Timeouts(900, 120, 300));
        datagram(CLIENT, 28054, "x");
        lab.advance(3_500);
        assertThat(connections())
                .filteredOn(ConnectionEntry::template)
                .singleElement()
                .satisfies(template -> assertThat(template.expiresSeconds()).isEqualTo(59));
        lab.advance(400_000);
        assertThat(connections()).isEmpty();
    }

    @Test
    void quiescedTemplatesAreGivenUpOnRequest() {
        persistent(300, -1, Protocol.TCP, "", 2);
        assertThat(open(CLIENT, 28047)).isEqualTo("rs2");
        lab.editServer(KEY, RealServer.of(DirectorLab.server(2), PORT, ForwardingMethod.MASQUERADE, 0));
        assertThat(open(CLIENT, 28048)).isEqualTo("rs2");
        lab.processor.settings(IpvsSettings.DEFAULT.with(Setting.EXPIRE_QUIESCENT_TEMPLATE, 1));
        assertThat(open(CLIENT, 28050)).isEqualTo("rs1");
        assertThat(connections().stream().filter(ConnectionEntry::template).map(ConnectionEntry::virtualPort))
                .containsExactlyInAnyOrder(0xffff, PORT);
    }

    @Test
    void sipCallsStickByCallId() {
        persistent(60, -1, Protocol.UDP, "sip", 3);
        assertThat(lab.result(datagram(CLIENT, 5060, sip("abc@x")))).isEqualTo("rs3");
        assertThat(lab.result(datagram(CLIENT, 5061, sip("def@x")))).isEqualTo("rs2");
        assertThat(lab.result(datagram(CLIENT, 5062, sip("abc@x")))).isEqualTo("rs3");
        assertThat(lab.result(datagram(IpAddress.of("198.18.15.2"), 5060, sip("abc@x"))))
                .isEqualTo("rs1");
        assertThat(datagram(CLIENT, 5063, "no sip at all")).isEmpty();
        assertThat(lab.lastVerdict).isEqualTo(DropReason.NO_PERSISTENCE_KEY);
        assertThat(connections().stream().map(ConnectionEntry::engineData)).contains("abc@x", "def@x");
        // A datagram the server sends first gets the service's address.
        byte[] text = sip("abc@x").getBytes(StandardCharsets.US_ASCII);
        List<DirectorLab.Sent> sent = lab.send(
                DirectorLab.SERVER_SIDE,
                Frames.udp(DirectorLab.SERVER_SIDE, DirectorLab.server(3), PORT, CLIENT, 7000, text));
        PacketView view = new PacketView();
        byte[] frame = sent.getFirst().frame();
        view.parse(MemorySegment.ofArray(frame), 14, frame.length, true);
        assertThat(view.sourceLow).isEqualTo(DirectorLab.VIP.low());
    }

    private static String sip(String call) {
        return "OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\nCall-ID: " + call + "\r\n\r\n";
    }

    @Test
    void natIcmpSendAnswersServersWithoutConnection() {
        nat(1);
        assertThat(out("rs1", CLIENT, 1234, Tcp.ACK)).isEmpty();
        assertThat(lab.lastVerdict).isEqualTo(DropReason.NO_CONNECTION);
        lab.processor.settings(IpvsSettings.DEFAULT.with(Setting.NAT_ICMP_SEND, 1));
        assertThat(out("rs1", CLIENT, 1234, Tcp.ACK)).as("not even routed").isEmpty();
        lab.forwards = true;
        lab.processor.network(lab.network());
        assertThat(out("rs1", CLIENT, 1234, Tcp.RST))
                .singleElement()
                .satisfies(sent -> assertThat(sent.interfaceIndex()).isEqualTo(DirectorLab.CLIENT_SIDE));
        assertThat(out("rs1", CLIENT, 1234, Tcp.ACK))
                .singleElement()
                .satisfies(sent -> assertThat(sent.interfaceIndex()).isEqualTo(DirectorLab.SERVER_SIDE));
    }

    @Test
    void scheduleIcmpMakesAConnection() {
        nat(1);
        lab.processor.settings(IpvsSettings.DEFAULT.with(Setting.SCHEDULE_ICMP, 1));
        byte[] quoted = Frames.tcp(DirectorLab.CLIENT_SIDE, DirectorLab.VIP, PORT, CLIENT, 1234, Tcp.ACK);
        byte[] icmp = new byte[8 + 28];
        icmp[0] = 3;
        icmp[1] = 4;
        System.arraycopy(quoted, 14, icmp, 8, 28);
        MemorySegment s = MemorySegment.ofArray(icmp);
        int checksum = Checksum.finish(Checksum.sum(s, 0, icmp.length, 0));
        icmp[2] = (byte) (checksum >>> 8);
        icmp[3] = (byte) checksum;
        List<DirectorLab.Sent> sent =
                lab.send(DirectorLab.CLIENT_SIDE, Frames.ip(DirectorLab.CLIENT_SIDE, CLIENT, DirectorLab.VIP, 1, icmp));
        assertThat(lab.result(sent)).isEqualTo("rs1");
        assertThat(connections()).singleElement().satisfies(entry -> {
            assertThat(entry.state()).isEqualTo("NONE");
            assertThat(entry.clientPort()).isEqualTo(1234);
        });
    }

    @Test
    void aSynFloodIsBoundedAndEstablishedConnectionsGoOn() {
        DirectorLab flooded = new DirectorLab(new IpvsProcessor.Options(1, 50_000, true));
        flooded.processor.settings(
                IpvsSettings.DEFAULT.with(Setting.DROP_ENTRY, 1).with(Setting.DROP_PACKET, 1));
        flooded.service(VirtualService.of(KEY, SchedulerKind.WLC));
        flooded.addServer(KEY, RealServer.of(DirectorLab.server(1), PORT, ForwardingMethod.DIRECT_ROUTE, 1));
        byte[] syn = Frames.tcp(DirectorLab.CLIENT_SIDE, CLIENT, 4242, DirectorLab.VIP, PORT, Tcp.SYN);
        byte[] ack = Frames.tcp(DirectorLab.CLIENT_SIDE, CLIENT, 4242, DirectorLab.VIP, PORT, Tcp.ACK);
        flooded.send(DirectorLab.CLIENT_SIDE, syn);
        flooded.send(DirectorLab.CLIENT_SIDE, ack);
        for (int i = 0; i < 150_000; i++) {
            IpAddress spoofed = IpAddress.ofIpv4(0x20000000 + i * 7919);
            byte[] frame = Frames.tcp(DirectorLab.CLIENT_SIDE, spoofed, i & 0xffff, DirectorLab.VIP, PORT, Tcp.SYN);
            flooded.send(DirectorLab.CLIENT_SIDE, frame);
            if (i % 10_000 == 0) {
                flooded.advance(1000);
                assertThat(flooded.result(flooded.send(DirectorLab.CLIENT_SIDE, ack)))
                        .isEqualTo("rs1");
            }
        }
        List<ConnectionEntry> all = flooded.processor.connections(flooded.nowNanos);
        assertThat(all.size()).isLessThanOrEqualTo(50_000);
        List<ConnectionEntry> paged = new ArrayList<>();
        for (int next = 0; next != ConnectionPage.END; ) {
            ConnectionPage page = flooded.processor.connections(next, 997, flooded.nowNanos);
            assertThat(page.entries()).hasSizeLessThanOrEqualTo(997);
            paged.addAll(page.entries());
            next = page.next();
        }
        assertThat(paged).isEqualTo(all);
        assertThat(flooded.processor.stats().drops()).isNotEmpty();
    }
}
