package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.halvs.ipvs.ConnectionEntry;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Persistence;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.connection.ConnectionFlag;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.ipvs.sync.ConnectionSync;
import org.halvs.ipvs.sync.SyncBatch;
import org.halvs.ipvs.sync.SyncFormat;
import org.halvs.ipvs.sync.SyncRecord;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two directors: one serves, the other is told of its connections and serves after it. */
class SyncedConnectionsTest {
    private static final IpAddress CLIENT = IpAddress.of("198.18.40.1");
    private static final int PORT = 80;
    private static final ServiceKey KEY = new ServiceKey.AddressKey(Protocol.TCP, DirectorLab.VIP, PORT);
    private static final ServiceKey UDP = new ServiceKey.AddressKey(Protocol.UDP, DirectorLab.VIP, 53);
    private static final ServiceKey FTP = new ServiceKey.AddressKey(Protocol.TCP, DirectorLab.VIP, 21);

    private final DirectorLab active = new DirectorLab();
    private final DirectorLab standby = new DirectorLab();
    private int records;

    @BeforeEach
    void begin() {
        active.processor.settings(IpvsSettings.DEFAULT);
        standby.processor.settings(IpvsSettings.DEFAULT);
        active.processor.sync().send(true);
    }

    private static void serve(DirectorLab lab, VirtualService service, ForwardingMethod method) {
        lab.service(service);
        for (int n = 1; n <= 3; n++) {
            int port = service.key() instanceof ServiceKey.AddressKey key ? key.port() : 0;
            lab.addServer(service.key(), RealServer.of(DirectorLab.server(n), port, method, 1));
        }
    }

    private static VirtualService persistent(ServiceKey key) {
        return new VirtualService(
                key, SchedulerKind.RR, List.of(), Optional.of(new Persistence(300, -1, Optional.empty())), false);
    }

    private static String in(DirectorLab lab, IpAddress client, int port, int to, int flags) {
        return lab.result(lab.send(
                DirectorLab.CLIENT_SIDE,
                Frames.tcp(DirectorLab.CLIENT_SIDE, client, port, DirectorLab.VIP, to, flags)));
    }

    private static List<DirectorLab.Sent> out(DirectorLab lab, String server, IpAddress to, int toPort, int flags) {
        IpAddress from = DirectorLab.server(Integer.parseInt(server.substring(2)));
        return lab.send(DirectorLab.SERVER_SIDE, Frames.tcp(DirectorLab.SERVER_SIDE, from, PORT, to, toPort, flags));
    }

    /** SYN, SYN+ACK, ACK and two more packets; answers the server. */
    private String established(int port) {
        String server = in(active, CLIENT, port, PORT, Tcp.SYN);
        out(active, server, CLIENT, port, Tcp.SYN | Tcp.ACK);
        for (int i = 0; i < 3; i++) {
            assertThat(in(active, CLIENT, port, PORT, Tcp.ACK)).isEqualTo(server);
        }
        return server;
    }

    /** What the active director has to tell reaches the other one. */
    private void exchange() {
        exchange(active, standby);
    }

    private void exchange(DirectorLab from, DirectorLab to) {
        records = 0;
        from.processor.sync().outbox().flush();
        for (byte[] bytes = from.processor.sync().outbox().take();
                bytes != null;
                bytes = from.processor.sync().outbox().take()) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            SyncRecord record = new SyncRecord();
            while (buffer.hasRemaining()) {
                assertThat(SyncFormat.read(buffer, record)).isTrue();
                records++;
            }
            to.processor.sync().adopt(ByteBuffer.wrap(bytes), to.nowNanos);
        }
    }

    private void copyAll(DirectorLab from, DirectorLab to) {
        SyncBatch page = new SyncBatch();
        long cursor = ConnectionSync.FIRST_PAGE;
        while (cursor != ConnectionSync.NO_PAGE) {
            page.clear();
            cursor = from.processor.sync().page(cursor, page, from.nowNanos);
            to.processor.sync().adopt(ByteBuffer.wrap(page.bytes()), to.nowNanos);
        }
    }

    private static ConnectionEntry only(DirectorLab lab) {
        List<ConnectionEntry> all = lab.processor.connections(lab.nowNanos);
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    // ---- what is told ----

    @Test
    void theThirdPacketIsToldAndThenEachFiftieth() {
        serve(active, VirtualService.of(KEY, SchedulerKind.RR), ForwardingMethod.MASQUERADE);
        String server = in(active, CLIENT, 4000, PORT, Tcp.SYN);
        out(active, server, CLIENT, 4000, Tcp.SYN | Tcp.ACK);
        in(active, CLIENT, 4000, PORT, Tcp.ACK);
        exchange();
        assertThat(records).isZero();
        in(active, CLIENT, 4000, PORT, Tcp.ACK);
        exchange();
        assertThat(records).isOne();
        for (int i = 0; i < 49; i++) {
            in(active, CLIENT, 4000, PORT, Tcp.ACK);
        }
        exchange();
        assertThat(records).isZero();
        in(active, CLIENT, 4000, PORT, Tcp.ACK);
        exchange();
        assertThat(records).as("packet 53").isOne();
        assertThat(only(standby).state()).isEqualTo("ESTABLISHED");
    }

    @Test
    void theEndIsToldAtOnceButNotBeforeTheClientSendsAgain() {
        serve(active, VirtualService.of(KEY, SchedulerKind.RR), ForwardingMethod.MASQUERADE);
        String server = established(4000);
        exchange();
        out(active, server, CLIENT, 4000, Tcp.FIN | Tcp.ACK);
        exchange();
        assertThat(records).isZero();
        in(active, CLIENT, 4000, PORT, Tcp.ACK);
        exchange();
        assertThat(records).isOne();
        assertThat(only(standby).state()).isEqualTo("FIN_WAIT");
        assertThat(only(standby).expiresSeconds()).isBetween(119L, 120L);
        in(active, CLIENT, 4000, PORT, Tcp.FIN | Tcp.ACK);
        exchange();
        assertThat(only(standby).state()).isEqualTo("TIME_WAIT");
    }

    @Test
    void halfOpenConnectionsAreNotTold() {
        serve(active, VirtualService.of(KEY, SchedulerKind.RR), ForwardingMethod.DIRECT_ROUTE);
        for (int i = 0; i < 200; i++) {
            in(active, CLIENT, 5000, PORT, Tcp.SYN);
        }
        exchange();
        copyAll(active, standby);
        assertThat(records).isZero();
        assertThat(standby.processor.connections(0)).isEmpty();
    }

    @Test
    void nothingIsCollectedWhileNobodyListens() {
        active.processor.sync().send(false);
        serve(active, VirtualService.of(KEY, SchedulerKind.RR), ForwardingMethod.MASQUERADE);
        established(4000);
        exchange();
        assertThat(records).isZero();
        assertThat(active.processor.sync().outbox().made()).isZero();
    }

    @Test
    void onePacketConnectionsAreNeverTold() {
        active.service(new VirtualService(UDP, SchedulerKind.RR, List.of(), Optional.empty(), true));
        active.addServer(UDP, RealServer.of(DirectorLab.server(1), 53, ForwardingMethod.MASQUERADE, 1));
        for (int i = 0; i < 200; i++) {
            datagram(active, CLIENT, 6000);
        }
        exchange();
        assertThat(records).isZero();
    }

    private static String datagram(DirectorLab lab, IpAddress client, int port) {
        return lab.result(lab.send(
                DirectorLab.CLIENT_SIDE,
                Frames.udp(DirectorLab.CLIENT_SIDE, client, port, DirectorLab.VIP, 53, new byte[8])));
    }

    @Test
    void withPersistModeOnlyTemplatesAreTold() {
        active.processor.settings(IpvsSettings.DEFAULT.with(Setting.SYNC_PERSIST_MODE, 1));
        serve(active, persistent(KEY), ForwardingMethod.MASQUERADE);
        established(4000);
        exchange();
        assertThat(standby.processor.connections(0)).allMatch(ConnectionEntry::template);
        assertThat(records).isPositive();
    }

    @Test
    void aQuietConnectionIsToldAgainBeforeTheOtherSideForgetsIt() {
        serve(active, VirtualService.of(KEY, SchedulerKind.RR), ForwardingMethod.MASQUERADE);
        established(4000);
        exchange();
        for (int minute = 0; minute < 40; minute++) {
            active.advance(60_000);
            in(active, CLIENT, 4000, PORT, Tcp.ACK); // far fewer than fifty
            standby.advance(60_000);
            exchange();
        }
        assertThat(only(standby).state()).isEqualTo("ESTABLISHED");
    }

    @Test
    void allAreLookedAtOnceAMinuteHoweverSeldomTimePasses() {
        serve(active, VirtualService.of(KEY, SchedulerKind.RR), ForwardingMethod.MASQUERADE);
        int connections = 1000;
        for (int port = 4000; port < 4000 + connections; port++) {
            established(port);
        }
        exchange();
        passAtOnce(active, 800);
        for (int port = 4000; port < 4000 + connections; port++) {
            in(active, CLIENT, port, PORT, Tcp.ACK);
        }
        exchange();
        assertThat(records).as("one packet is no reason to tell").isZero();
        int told = 0;
        for (int second = 0; second <= 60; second++) {
            passAtOnce(active, 1);
            exchange();
            told += records;
        }
        assertThat(told).isEqualTo(connections);
    }

    private static void passAtOnce(DirectorLab lab, int seconds) {
        lab.nowNanos += seconds * 1_000_000_000L;
        lab.processor.expire(lab.nowNanos, lab.collecting(new ArrayList<>()));
    }

    // ---- what becomes of it ----

    @ParameterizedTest
    @EnumSource(names = {"MASQUERADE", "DIRECT_ROUTE", "TUNNEL"})
    void aConnectionGoesOnWhereItWasTold(ForwardingMethod method) {
        serve(active, VirtualService.of(KEY, SchedulerKind.RR), method);
        String server = in(active, CLIENT, 4000, PORT, Tcp.SYN);
        for (int i = 0; i < 5; i++) {
            in(active, CLIENT, 4000, PORT, Tcp.ACK);
        }
        exchange();
        ConnectionEntry told = only(standby);
        assertThat(told).isEqualTo(only(active));
        // the takeover: only now the services are there
        serve(standby, VirtualService.of(KEY, SchedulerKind.RR), method);
        assertThat(in(standby, CLIENT, 4000, PORT, Tcp.ACK)).isEqualTo(server);
        assertThat(standby.counts(KEY)).contains(server + "=1/0");
        if (method == ForwardingMethod.MASQUERADE) {
            assertThat(out(standby, server, CLIENT, 4000, Tcp.ACK).getFirst().hex())
                    .isEqualTo(out(active, server, CLIENT, 4000, Tcp.ACK)
                            .getFirst()
                            .hex());
        }
        assertThat(standby.processor.connections(standby.nowNanos)).hasSize(1);
    }

    @Test
    void connectionsAreCountedWithTheirServersSoonAfterATakeover() {
        serve(active, VirtualService.of(KEY, SchedulerKind.RR), ForwardingMethod.MASQUERADE);
        for (int port = 4000; port < 4030; port++) {
            established(port);
        }
        in(active, CLIENT, 4000, PORT, Tcp.RST);
        exchange();
        serve(standby, VirtualService.of(KEY, SchedulerKind.RR), ForwardingMethod.MASQUERADE);
        standby.advance(200);
        assertThat(standby.counts(KEY)).isEqualTo(active.counts(KEY)).contains("10/0", "9/1");
        standby.advance(1_000_000);
        assertThat(standby.counts(KEY)).isEqualTo("rs3=0/0,rs2=0/0,rs1=0/0");
    }

    @Test
    void aConnectionExpiresWithoutPackets() {
        serve(active, VirtualService.of(KEY, SchedulerKind.RR), ForwardingMethod.MASQUERADE);
        established(4000);
        in(active, CLIENT, 4000, PORT, Tcp.RST);
        exchange();
        assertThat(only(standby).state()).isEqualTo("CLOSE");
        standby.advance(9_000);
        assertThat(standby.processor.connections(standby.nowNanos)).hasSize(1);
        standby.advance(2_000);
        assertThat(standby.processor.connections(standby.nowNanos)).isEmpty();
    }

    @Test
    void clientsStickToTheirServers() {
        serve(active, persistent(KEY), ForwardingMethod.DIRECT_ROUTE);
        String[] servers = new String[9];
        for (int i = 0; i < servers.length; i++) {
            IpAddress client = IpAddress.of("198.18.41." + i);
            servers[i] = in(active, client, 4000, PORT, Tcp.SYN);
            in(active, client, 4000, PORT, Tcp.ACK);
        }
        exchange();
        assertThat(standby.processor.connections(0).stream().filter(ConnectionEntry::template))
                .hasSize(servers.length)
                .allMatch(template -> template.state().equals("ASSURED"));
        serve(standby, persistent(KEY), ForwardingMethod.DIRECT_ROUTE);
        for (int i = servers.length - 1; i >= 0; i--) {
            assertThat(in(standby, IpAddress.of("198.18.41." + i), 4001, PORT, Tcp.SYN))
                    .isEqualTo(servers[i]);
        }
        assertThat(standby.stats(KEY).servers().getFirst().persistent()).isEqualTo(3);
    }

    @Test
    void aTemplateOutlivesItsTimeWhileItsConnectionsLive() {
        serve(active, persistent(KEY), ForwardingMethod.DIRECT_ROUTE);
        in(active, CLIENT, 4000, PORT, Tcp.SYN);
        in(active, CLIENT, 4000, PORT, Tcp.ACK);
        exchange();
        standby.advance(600_000);
        assertThat(standby.processor.connections(standby.nowNanos)).hasSize(2);
        standby.advance(400_000);
        assertThat(standby.processor.connections(standby.nowNanos)).isEmpty();
    }

    @Test
    void udpClientsOfAPersistentServiceStickFromTheirFirstPacketOn() {
        serve(active, persistent(UDP), ForwardingMethod.DIRECT_ROUTE);
        datagram(active, IpAddress.of("198.18.42.1"), 6000);
        String second = datagram(active, IpAddress.of("198.18.42.2"), 6000);
        exchange();
        serve(standby, persistent(UDP), ForwardingMethod.DIRECT_ROUTE);
        assertThat(datagram(standby, IpAddress.of("198.18.42.2"), 6001)).isEqualTo(second);
    }

    @Test
    void shiftedSequenceNumbersGoOnBeingShifted() {
        serve(active, VirtualService.of(FTP, SchedulerKind.RR), ForwardingMethod.MASQUERADE);
        String server = ftpSession();
        exchange();
        serve(standby, VirtualService.of(FTP, SchedulerKind.RR), ForwardingMethod.MASQUERADE);
        byte[] later = Frames.tcp(
                DirectorLab.SERVER_SIDE,
                DirectorLab.server(Integer.parseInt(server.substring(2))),
                21,
                CLIENT,
                4000,
                Tcp.ACK | Tcp.PSH,
                "150 Here it comes.\r\n".getBytes(StandardCharsets.US_ASCII));
        later[14 + 20 + 6] = 0x40; // a sequence number behind the reply that grew
        Frames.fixTcp(later);
        String expected = active.send(DirectorLab.SERVER_SIDE, later).getFirst().hex();
        assertThat(standby.send(DirectorLab.SERVER_SIDE, later).getFirst().hex())
                .isEqualTo(expected);
        assertThat(expected.substring(2 * 38, 2 * 42)).isNotEqualTo("00004000");
    }

    /** A passive FTP session whose reply changes its length; answers the server. */
    private String ftpSession() {
        String server = in(active, CLIENT, 4000, 21, Tcp.SYN);
        IpAddress address = DirectorLab.server(Integer.parseInt(server.substring(2)));
        active.send(
                DirectorLab.SERVER_SIDE,
                Frames.tcp(DirectorLab.SERVER_SIDE, address, 21, CLIENT, 4000, Tcp.SYN | Tcp.ACK));
        in(active, CLIENT, 4000, 21, Tcp.ACK);
        active.send(
                DirectorLab.CLIENT_SIDE,
                Frames.tcp(
                        DirectorLab.CLIENT_SIDE,
                        CLIENT,
                        4000,
                        DirectorLab.VIP,
                        21,
                        Tcp.ACK | Tcp.PSH,
                        "PASV\r\n".getBytes(StandardCharsets.US_ASCII)));
        String reply = "227 Entering Passive Mode (" + address.toString().replace('.', ',') + ",100,1).\r\n";
        active.send(
                DirectorLab.SERVER_SIDE,
                Frames.tcp(
                        DirectorLab.SERVER_SIDE,
                        address,
                        21,
                        CLIENT,
                        4000,
                        Tcp.ACK | Tcp.PSH,
                        reply.getBytes(StandardCharsets.US_ASCII)));
        in(active, CLIENT, 4000, 21, Tcp.ACK);
        return server;
    }

    // ---- who knows better ----

    @Test
    void aDirectorThatServesIsNotToldWhatItKnows() {
        serve(active, VirtualService.of(KEY, SchedulerKind.RR), ForwardingMethod.MASQUERADE);
        serve(standby, VirtualService.of(KEY, SchedulerKind.RR), ForwardingMethod.MASQUERADE);
        established(4000);
        exchange();
        assertThat(standby.processor.sync().counters().learnt())
                .as("a late word of one not known yet")
                .isOne();
        in(standby, CLIENT, 4000, PORT, Tcp.FIN | Tcp.ACK);
        for (int i = 0; i < 100; i++) {
            in(active, CLIENT, 4000, PORT, Tcp.ACK);
        }
        exchange();
        assertThat(only(standby).state()).isNotEqualTo("ESTABLISHED");
        assertThat(standby.processor.sync().counters().ignored()).isPositive();
    }

    @Test
    void aConnectionMovedToAnotherServerIsReplacedButItsOldEndIsNot() {
        serve(active, VirtualService.of(KEY, SchedulerKind.RR), ForwardingMethod.MASQUERADE);
        String first = established(4000);
        exchange();
        in(active, CLIENT, 4000, PORT, Tcp.RST);
        active.processor.sync().outbox().flush();
        byte[] end = active.processor.sync().outbox().take();
        String second = established(4000); // CLOSE is scheduled anew
        assertThat(second).isNotEqualTo(first);
        exchange();
        assertThat(DirectorLab.name(only(standby).destination())).isEqualTo(second);
        standby.processor.sync().adopt(ByteBuffer.wrap(java.util.Objects.requireNonNull(end)), standby.nowNanos);
        assertThat(DirectorLab.name(only(standby).destination())).isEqualTo(second);
        assertThat(only(standby).state()).isEqualTo("ESTABLISHED");
    }

    @Test
    void thereAndBackAgain() {
        standby.processor.sync().send(true);
        serve(active, VirtualService.of(KEY, SchedulerKind.RR), ForwardingMethod.MASQUERADE);
        String server = established(4000);
        exchange();
        active.removeService(KEY);
        serve(standby, VirtualService.of(KEY, SchedulerKind.RR), ForwardingMethod.MASQUERADE);
        for (int i = 0; i < 60; i++) {
            in(standby, CLIENT, 4000, PORT, Tcp.ACK);
        }
        exchange(standby, active);
        standby.removeService(KEY);
        serve(active, VirtualService.of(KEY, SchedulerKind.RR), ForwardingMethod.MASQUERADE);
        assertThat(in(active, CLIENT, 4000, PORT, Tcp.ACK)).isEqualTo(server);
        assertThat(active.counts(KEY)).contains(server + "=1/0");
    }

    // ---- the full copy ----

    @Test
    void aFullCopyHoldsAllThatIsServed() {
        serve(active, persistent(KEY), ForwardingMethod.MASQUERADE);
        serve(active, VirtualService.of(UDP, SchedulerKind.RR), ForwardingMethod.MASQUERADE);
        for (int port = 4000; port < 7000; port++) {
            established(port);
            datagram(active, CLIENT, port);
        }
        active.advance(30_000);
        standby.advance(30_000);
        copyAll(active, standby);
        assertThat(standby.processor.connections(standby.nowNanos))
                .containsExactlyInAnyOrderElementsOf(active.processor.connections(active.nowNanos));
        serve(standby, persistent(KEY), ForwardingMethod.MASQUERADE);
        standby.advance(1000);
        assertThat(standby.counts(KEY)).isEqualTo(active.counts(KEY));
        active.removeService(KEY);
        DirectorLab third = new DirectorLab();
        copyAll(active, third);
        assertThat(third.processor.connections(0)).hasSize(3000).noneMatch(e -> e.protocol() == 6);
    }

    /** Many records of few connections, linked in every way: nothing hangs, nothing is counted that is not there. */
    @Test
    void whateverIsToldTheTableStaysWhole() {
        serve(active, persistent(KEY), ForwardingMethod.MASQUERADE);
        standby.processor.sync().send(true);
        Random random = new Random(8);
        for (int i = 0; i < 60_000; i++) {
            ByteBuffer buffer = ByteBuffer.allocate(SyncFormat.MAX_RECORD);
            SyncFormat.write(anyRecord(random), buffer);
            standby.processor.sync().adopt(buffer.flip(), standby.nowNanos);
            if (i % 1000 == 0) {
                standby.advance(1000);
            }
            if (i == 20_000) {
                serve(standby, persistent(KEY), ForwardingMethod.MASQUERADE);
            }
            if (i == 40_000) {
                standby.removeService(KEY);
            }
            if (i > 20_000 && i < 40_000) {
                in(standby, CLIENT, 4000 + random.nextInt(8), PORT, random.nextInt(64));
            }
        }
        serve(standby, persistent(KEY), ForwardingMethod.MASQUERADE);
        copyAll(standby, new DirectorLab());
        standby.advance(2_000_000);
        assertThat(standby.processor.connections(standby.nowNanos)).isEmpty();
        assertThat(standby.counts(KEY)).isEqualTo("rs3=0/0,rs2=0/0,rs1=0/0");
        assertThat(standby.stats(KEY).servers()).allMatch(server -> server.persistent() == 0);
    }

    private static SyncRecord anyRecord(Random random) {
        SyncRecord record = new SyncRecord();
        record.protocol = 6;
        record.flags = random.nextInt() & SyncRecord.TOLD_FLAGS & ~ConnectionFlag.NO_CLIENT_PORT;
        boolean template = (record.flags & ConnectionFlag.TEMPLATE) != 0;
        record.state = random.nextInt(template ? 2 : 11);
        record.clientLow = CLIENT.low();
        record.clientPort = template ? 0 : 4000 + random.nextInt(8);
        record.virtualLow = DirectorLab.VIP.low();
        record.virtualPort = random.nextInt(4) == 0 ? 81 : PORT;
        record.destinationLow = DirectorLab.server(1 + random.nextInt(4)).low();
        record.destinationPort = random.nextInt(8) == 0 ? 81 : PORT;
        record.timeoutMillis = random.nextInt(100_000);
        record.remainingMillis = random.nextInt(100_000);
        record.controlled = random.nextBoolean();
        record.controlTemplate = random.nextBoolean();
        record.controlProtocol = 6;
        record.controlClientLow = CLIENT.low();
        record.controlClientPort = record.controlTemplate ? 0 : 4000 + random.nextInt(8);
        record.controlVirtualLow = DirectorLab.VIP.low();
        record.controlVirtualPort = PORT;
        record.helped = random.nextInt(16) == 0;
        return record;
    }

    @Test
    void recordsOfNoSenseChangeNothing() {
        SyncRecord record = new SyncRecord();
        for (int[] bad : new int[][] {{6, 11}, {132, 14}, {17, 1}, {1, 0}, {0, 0}}) {
            record.protocol = bad[0];
            record.state = bad[1];
            ByteBuffer buffer = ByteBuffer.allocate(SyncFormat.MAX_RECORD);
            SyncFormat.write(record, buffer);
            standby.processor.sync().adopt(buffer.flip(), 0);
        }
        assertThat(standby.processor.connections(0)).isEmpty();
        assertThat(standby.processor.sync().counters().refused()).isEqualTo(5);
    }
}
