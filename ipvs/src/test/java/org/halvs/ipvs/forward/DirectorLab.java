package org.halvs.ipvs.forward;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.ServerStats;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.ServiceStats;
import org.halvs.ipvs.VirtualService;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;

/** The director of the recordings: client side e0, server side e1, real server rsN at 10.0.2.(10+N); with a processor in the middle. */
final class DirectorLab {
    static final int CLIENT_SIDE = 1;
    static final int SERVER_SIDE = 2;
    static final IpAddress VIP = IpAddress.of("10.0.1.100");
    static final IpAddress VIP6 = IpAddress.of("fd01::100");
    private static final int HEADROOM = 96;
    private static final int SPARE = 256;
    private static final byte CANARY = (byte) 0xa5;

    /** A frame the processor sent. */
    record Sent(int interfaceIndex, String hex, boolean locally) {
        byte[] frame() {
            return HexFormat.of().parseHex(hex);
        }
    }

    final IpvsProcessor processor;
    long nowNanos;
    ForwardingTable table = ForwardingTable.EMPTY;
    Verdict lastVerdict = Verdict.Accepted.LOCAL;
    /** Whether the director is a router as well. */
    boolean forwards;

    int serverMtu = 1500;
    private final List<Sent> sent = new ArrayList<>();
    private final MemorySegment memory = Arena.ofAuto().allocate(80_000);
    private final PacketBuffer buffer = new PacketBuffer();

    DirectorLab() {
        this(IpvsProcessor.Options.DEFAULT);
    }

    DirectorLab(IpvsProcessor.Options options) {
        processor = new IpvsProcessor(options, 0);
        processor.network(network());
    }

    NetworkView network() {
        return networkBuilder().build();
    }

    NetworkView.Builder networkBuilder() {
        NetworkView.Builder builder = NetworkView.builder()
                .add(new NetworkView.Interface(
                        CLIENT_SIDE,
                        "e0",
                        mac("02:00:00:00:01:01"),
                        1500,
                        List.of(
                                new NetworkView.InterfaceAddress(IpAddress.of("10.0.1.1"), 24),
                                new NetworkView.InterfaceAddress(VIP, 32),
                                new NetworkView.InterfaceAddress(IpAddress.of("fd01::1"), 64),
                                new NetworkView.InterfaceAddress(VIP6, 128))))
                .add(new NetworkView.Interface(
                        SERVER_SIDE,
                        "e1",
                        mac("02:00:00:00:02:01"),
                        serverMtu,
                        List.of(
                                new NetworkView.InterfaceAddress(IpAddress.of("10.0.2.1"), 24),
                                new NetworkView.InterfaceAddress(IpAddress.of("fd02::1"), 64))))
                .connectedRoutes()
                .addLocal(IpAddress.of("10.9.0.0"), 16)
                .addLocal(IpAddress.of("fd09::"), 64)
                .add(new NetworkView.Route(
                        IpAddress.ANY_IPV4,
                        0,
                        CLIENT_SIDE,
                        Optional.of(IpAddress.of("10.0.1.254")),
                        Optional.empty(),
                        0,
                        0))
                .add(new NetworkView.Route(
                        IpAddress.ANY_IPV6,
                        0,
                        CLIENT_SIDE,
                        Optional.of(IpAddress.of("fd01::254")),
                        Optional.empty(),
                        0,
                        0))
                .addNeighbour(CLIENT_SIDE, IpAddress.of("10.0.1.254"), mac("02:00:00:00:01:02"))
                .addNeighbour(CLIENT_SIDE, IpAddress.of("fd01::254"), mac("02:00:00:00:01:02"));
        for (int n = 1; n <= 6; n++) {
            MacAddress mac = mac("02:00:00:00:02:%02x".formatted(10 + n));
            builder.addNeighbour(SERVER_SIDE, server(n), mac).addNeighbour(SERVER_SIDE, server6(n), mac);
        }
        return builder.forwards(IpAddress.Family.IPV4, forwards).forwards(IpAddress.Family.IPV6, forwards);
    }

    static MacAddress mac(String text) {
        return MacAddress.parse(text).orElseThrow();
    }

    static IpAddress server(int n) {
        return IpAddress.of("10.0.2." + (10 + n));
    }

    static IpAddress server6(int n) {
        return IpAddress.of("fd02::" + (10 + n));
    }

    /** The lines of a resource of this package's recordings, or of one named with its whole path, without comments. */
    static List<String> lines(String resource) {
        String path = resource.startsWith("/") ? resource : "/org/halvs/ipvs/golden/" + resource;
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(DirectorLab.class.getResourceAsStream(path), path), StandardCharsets.UTF_8))) {
            return reader.lines().filter(line -> !line.startsWith("#")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- the table ----

    private void publish(ForwardingTable next) {
        table = next;
        processor.table(next, nowNanos);
    }

    void service(VirtualService service) {
        List<RealServer> servers =
                table.entry(service.key()).map(ForwardingTable.Entry::servers).orElse(List.of());
        publish(table.with(new ForwardingTable.Entry(service, servers)));
    }

    void removeService(ServiceKey key) {
        publish(table.without(key));
    }

    void addServer(ServiceKey key, RealServer server) {
        ForwardingTable.Entry entry = table.entry(key).orElseThrow();
        List<RealServer> servers = new ArrayList<>(entry.servers());
        servers.addFirst(server);
        publish(table.with(new ForwardingTable.Entry(entry.service(), servers)));
    }

    void editServer(ServiceKey key, RealServer edited) {
        ForwardingTable.Entry entry = table.entry(key).orElseThrow();
        List<RealServer> servers = new ArrayList<>(entry.servers());
        servers.replaceAll(each -> each.sameDestination(edited) ? edited : each);
        publish(table.with(new ForwardingTable.Entry(entry.service(), servers)));
    }

    void removeServer(ServiceKey key, IpAddress address) {
        ForwardingTable.Entry entry = table.entry(key).orElseThrow();
        List<RealServer> servers = new ArrayList<>(entry.servers());
        servers.removeIf(each -> each.address().equals(address));
        publish(table.with(new ForwardingTable.Entry(entry.service(), servers)));
    }

    ServiceStats stats(ServiceKey key) {
        return processor.stats().services().stream()
                .filter(each -> each.service().key().equals(key))
                .findFirst()
                .orElseThrow();
    }

    /** {@code rs2=1/0,rs1=0/3}: active and inactive connections, in the order of the list. */
    String counts(ServiceKey key) {
        StringBuilder text = new StringBuilder();
        for (ServerStats server : stats(key).servers()) {
            text.append(text.isEmpty() ? "" : ",")
                    .append(name(server.server().address()))
                    .append('=')
                    .append(server.active())
                    .append('/')
                    .append(server.inactive());
        }
        return text.toString();
    }

    static String name(IpAddress address) {
        for (int n = 1; n <= 9; n++) {
            if (address.equals(server(n)) || address.equals(server6(n))) {
                return "rs" + n;
            }
        }
        return address.toString();
    }

    // ---- packets ----

    void advance(long millis) {
        long end = nowNanos + millis * 1_000_000L;
        while (nowNanos < end) {
            nowNanos = Math.min(end, nowNanos + 100_000_000L);
            processor.expire(nowNanos, sink);
        }
    }

    private final FrameSink sink = new Collecting(sent);

    /** A sink that only remembers. */
    FrameSink collecting(List<Sent> into) {
        return new Collecting(into);
    }

    private final class Collecting implements FrameSink {
        private final List<Sent> into;

        Collecting(List<Sent> into) {
            this.into = into;
        }

        @Override
        public void transmit(int interfaceIndex, MemorySegment segment, long offset, int length, Offload offload) {
            byte[] frame = segment.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
            into.add(new Sent(interfaceIndex, HexFormat.of().formatHex(frame), false));
            lastOffload.set(offload);
        }

        @Override
        public void deliverLocally(
                int interfaceIndex, MemorySegment segment, long offset, int length, Offload offload) {
            byte[] frame = segment.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
            into.add(new Sent(interfaceIndex, HexFormat.of().formatHex(frame), true));
        }

        @Override
        public void unresolved(
                int interfaceIndex,
                IpAddress nextHop,
                MemorySegment segment,
                long offset,
                int length,
                Offload offload) {
            // Its target is still empty, so no test that looks at the frame takes it for a sent one.
            byte[] frame = segment.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
            into.add(new Sent(interfaceIndex, HexFormat.of().formatHex(frame), false));
        }
    }

    final Offload lastOffload = new Offload();

    List<Sent> send(int side, byte[] frame) {
        return send(side, frame, 0, new Offload());
    }

    /** Puts a frame through the processor and checks that nothing beyond its memory was touched. */
    List<Sent> send(int side, byte[] frame, long mark, Offload offload) {
        memory.asSlice(0, frame.length + 2L * (HEADROOM + SPARE)).fill(CANARY);
        long at = HEADROOM + SPARE;
        MemorySegment.copy(frame, 0, memory, ValueLayout.JAVA_BYTE, at, frame.length);
        buffer.set(memory, at, frame.length, HEADROOM, 64, side).firewallMark(mark);
        buffer.offload().set(offload);
        sent.clear();
        lastOffload.clear();
        lastVerdict = processor.process(buffer, nowNanos, sink);
        for (long i = 0; i < SPARE; i++) {
            if (memory.get(ValueLayout.JAVA_BYTE, i) != CANARY
                    || memory.get(ValueLayout.JAVA_BYTE, at + frame.length + 64 + i) != CANARY) {
                throw new AssertionError("memory outside the frame was touched");
            }
        }
        return List.copyOf(sent);
    }

    /** Which server got the packet, {@code icmp:T/C} when the client got an error, {@code drop} when nobody got anything. */
    String result(List<Sent> frames) {
        if (frames.isEmpty()) {
            return lastVerdict == Verdict.Accepted.LOCAL ? "local" : "drop";
        }
        byte[] frame = frames.getFirst().frame();
        if (frames.getFirst().interfaceIndex() == SERVER_SIDE) {
            return "rs" + (frame[5] - 10);
        }
        int l4 = (frame[14] >> 4) == 4 ? 14 + (frame[14] & 15) * 4 : 54;
        return "icmp:" + frame[l4] + "/" + frame[l4 + 1];
    }
}
