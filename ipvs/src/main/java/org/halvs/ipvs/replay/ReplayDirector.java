package org.halvs.ipvs.replay;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.ConnectionEntry;
import org.halvs.ipvs.ConnectionPage;
import org.halvs.ipvs.ForwardingStats;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.Timeouts;
import org.halvs.ipvs.admin.AdminBackend;
import org.halvs.ipvs.admin.KernelError;
import org.halvs.ipvs.admin.MemoryBackend;
import org.halvs.ipvs.admin.SyncDaemon;
import org.halvs.ipvs.capture.FrameBytes;
import org.halvs.ipvs.forward.DropReason;
import org.halvs.ipvs.forward.FrameSink;
import org.halvs.ipvs.forward.IpvsSettings;
import org.halvs.ipvs.forward.NetworkView;
import org.halvs.ipvs.forward.Offload;
import org.halvs.ipvs.forward.PacketBuffer;
import org.halvs.ipvs.forward.PacketProcessor;
import org.halvs.ipvs.forward.Verdict;
import org.halvs.linux.IpAddress;

/** A director that exists in memory: a processor, a network and a clock that is moved by hand. It is also what ipvsadm works on. */
public final class ReplayDirector implements AdminBackend {
    /** The longest frame that can be replayed: the longest IP packet with an Ethernet header and two VLAN tags. */
    public static final int MAX_FRAME = 65535 + 14 + 8;

    private static final int HEADROOM = 256;
    private static final int TAILROOM = 2048;
    private static final long STEP_NANOS = 100_000_000L;

    /** Three requests, a second apart ({@code arp(7)}). */
    private static final long NEIGHBOUR_NANOS = 3_000_000_000L;

    private static final int MOST_WAITING = 1000;

    private static final int CONNECTIONS_AT_ONCE = 1000;

    /** A frame whose next hop is asked for since some time. */
    private record Waiting(int interfaceIndex, IpAddress nextHop, long sinceNanos, FrameBytes frame) {}

    private final PacketProcessor processor;
    private final ReplayNetwork network;
    private final ReplaySync daemons;
    private final MemorySegment memory = Arena.ofAuto().allocate(HEADROOM + MAX_FRAME + TAILROOM, 64);
    private final PacketBuffer buffer = new PacketBuffer();
    private final List<Waiting> waiting = new ArrayList<>();
    private ForwardingTable table = ForwardingTable.EMPTY;
    private long nowNanos;

    /** A director whose clock stands at 0. */
    public ReplayDirector(PacketProcessor processor, ReplayNetwork network) {
        this.processor = processor;
        this.network = network;
        this.daemons = new ReplaySync(processor.kernelSync(), network);
        processor.network(network.view());
    }

    public ReplayNetwork network() {
        return network;
    }

    /** Makes the processor see what was changed in {@link #network()}. */
    public void networkChanged() {
        NetworkView view = network.view();
        waiting.removeIf(one -> view.neighbour(one.interfaceIndex, one.nextHop) != NetworkView.NO_MAC);
        processor.network(view);
    }

    public long nowNanos() {
        return nowNanos;
    }

    /** Lets time pass in steps of 100 ms; answers what left the director by itself meanwhile. */
    public List<Answer> advance(long nanos) {
        List<Answer> answers = new ArrayList<>();
        FrameSink sink = new Collector(answers);
        long end = nowNanos + nanos;
        while (nowNanos < end) {
            nowNanos = Math.min(end, (nowNanos / STEP_NANOS + 1) * STEP_NANOS);
            processor.expire(nowNanos, sink);
            giveUp(sink);
            answers.addAll(daemons.due(nowNanos));
        }
        return answers;
    }

    /** Frames wait for their next hop as long as the kernel asks for it; then their senders hear of it. */
    private void giveUp(FrameSink sink) {
        List<Waiting> late = waiting.stream()
                .filter(one -> nowNanos - one.sinceNanos >= NEIGHBOUR_NANOS)
                .toList();
        waiting.removeAll(late);
        for (Waiting one : late) {
            MemorySegment frame = MemorySegment.ofArray(one.frame.toArray());
            processor.undelivered(frame, 0, one.frame.length(), nowNanos, sink);
        }
    }

    /** Lets a frame of at most {@link #MAX_FRAME} bytes arrive; {@code mark} 0 is none. */
    public List<Answer> frame(String interfaceName, FrameBytes bytes, long mark) {
        if (daemons.learn(interfaceName, bytes, nowNanos)) {
            return List.of(new Answer.Local());
        }
        memory.fill((byte) 0);
        MemorySegment.copy(bytes.toArray(), 0, memory, ValueLayout.JAVA_BYTE, HEADROOM, bytes.length());
        buffer.set(memory, HEADROOM, bytes.length(), HEADROOM, TAILROOM, network.index(interfaceName))
                .firewallMark(mark);
        List<Answer> answers = new ArrayList<>();
        switch (processor.process(buffer, nowNanos, new Collector(answers))) {
            case DropReason reason -> answers.add(new Answer.Dropped(reason));
            case Verdict.Accepted.LOCAL -> answers.add(new Answer.Local());
            case Verdict.Accepted.FORWARDED, Verdict.Accepted.HELD -> {
                // the collector has it, or nothing has happened yet
            }
        }
        return answers;
    }

    /** Changes a setting by the kernel's name; answers false when there is none such or its value is refused. */
    public boolean setting(String name, String value) {
        switch (name) {
            case "net.ipv4.ip_forward" -> network.putForwarding(IpAddress.Family.IPV4, !value.equals("0"));
            case "net.ipv6.conf.all.forwarding" -> network.putForwarding(IpAddress.Family.IPV6, !value.equals("0"));
            default -> {
                Optional<IpvsSettings> changed = processor.settings().with(name, value);
                changed.ifPresent(processor::settings);
                return changed.isPresent();
            }
        }
        networkChanged();
        return true;
    }

    /** Copies what the processor sends. */
    private final class Collector implements FrameSink {
        private final List<Answer> answers;

        Collector(List<Answer> answers) {
            this.answers = answers;
        }

        @Override
        public void transmit(int interfaceIndex, MemorySegment segment, long offset, int length, Offload offload) {
            byte[] bytes = segment.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
            answers.add(new Answer.Sent(network.name(interfaceIndex), FrameBytes.of(bytes)));
        }

        @Override
        public void deliverLocally(
                int interfaceIndex, MemorySegment segment, long offset, int length, Offload offload) {
            answers.add(new Answer.Local());
        }

        @Override
        public void unresolved(
                int interfaceIndex,
                IpAddress nextHop,
                MemorySegment segment,
                long offset,
                int length,
                Offload offload) {
            long sinceNanos = waiting.stream()
                    .filter(one -> one.interfaceIndex == interfaceIndex && one.nextHop.equals(nextHop))
                    .mapToLong(Waiting::sinceNanos)
                    .findFirst()
                    .orElse(nowNanos);
            if (waiting.size() < MOST_WAITING) {
                byte[] frame = segment.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
                waiting.add(new Waiting(interfaceIndex, nextHop, sinceNanos, FrameBytes.of(frame)));
            }
            answers.add(new Answer.Unresolved(network.name(interfaceIndex), nextHop));
        }
    }

    @Override
    public ForwardingTable table() {
        return table;
    }

    @Override
    public void apply(ForwardingTable newTable) {
        table = newTable;
        processor.table(newTable, nowNanos);
    }

    @Override
    public boolean usableAsServer(IpAddress address) {
        return MemoryBackend.isUnicast(address) && !network.isBroadcast(address);
    }

    @Override
    public ForwardingStats stats() {
        return processor.stats();
    }

    public List<ConnectionEntry> connections() {
        return processor.connections(nowNanos);
    }

    @Override
    public ConnectionPage connections(int from) {
        return processor.connections(from, CONNECTIONS_AT_ONCE, nowNanos);
    }

    @Override
    public Timeouts timeouts() {
        return processor.timeouts();
    }

    @Override
    public void changeTimeouts(Timeouts timeouts) {
        processor.changeTimeouts(timeouts);
    }

    @Override
    public void zero(Optional<ServiceKey> key) {
        processor.zero(key);
    }

    @Override
    public List<SyncDaemon> syncDaemons() {
        return daemons.running();
    }

    @Override
    public Optional<KernelError> startSyncDaemon(SyncDaemon daemon) {
        return daemons.start(daemon, nowNanos);
    }

    @Override
    public Optional<KernelError> stopSyncDaemon(SyncDaemon.Role role) {
        return daemons.stop(role);
    }
}
