package org.halvs.ipvs.port;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.halvs.ipvs.ForwardingStats;
import org.halvs.ipvs.forward.FrameSink;
import org.halvs.ipvs.forward.NetworkView;
import org.halvs.ipvs.forward.Offload;
import org.halvs.ipvs.forward.PacketBuffer;
import org.halvs.ipvs.forward.PacketProcessor;
import org.halvs.ipvs.forward.Verdict;
import org.halvs.linux.IpAddress;
import org.halvs.linux.LinuxException;
import org.jspecify.annotations.Nullable;

/**
 * One turn after the other: takes a batch from each port, lets the processor decide, sends what comes out of it. Confined to one thread; knows no
 * clock and never waits.
 */
final class ForwardingLoop implements FrameSink {
    static final int BATCH = 64;

    private static final System.Logger LOGGER = System.getLogger(ForwardingLoop.class.getName());

    private final PacketProcessor processor;
    private final LocalDelivery localDelivery;
    private final NextHopQueue nextHops;
    private final TroubleLog troubles = new TroubleLog(LOGGER);
    private final PacketBuffer[] batch = new PacketBuffer[BATCH];
    private final Verdict[] verdicts = new Verdict[BATCH];
    private List<PacketPort> ports = List.of();
    private @Nullable PacketPort[] portsByIndex = new PacketPort[0];
    private @Nullable PacketPort receiving;
    private TrafficFilter filter = TrafficFilter.NOTHING;
    private MarkedTraffic marked = MarkedTraffic.NONE;
    private long nowNanos;
    private long withoutPort;
    private long undelivered;
    private long broken;

    ForwardingLoop(PacketProcessor processor, LocalDelivery localDelivery, NextHopQueue.Resolver resolver) {
        this.processor = processor;
        this.localDelivery = localDelivery;
        this.nextHops = new NextHopQueue(resolver);
        Arrays.setAll(batch, _ -> new PacketBuffer());
    }

    /** Replaces the ports; the ones no longer in use are closed. */
    void ports(List<PacketPort> wanted) {
        List<PacketPort> old = ports;
        ports = List.copyOf(wanted);
        int highest = wanted.stream().mapToInt(PacketPort::interfaceIndex).max().orElse(0);
        portsByIndex = new PacketPort[highest + 1];
        for (PacketPort port : ports) {
            portsByIndex[port.interfaceIndex()] = port;
            if (!old.contains(port)) {
                narrow(port);
            }
        }
        for (PacketPort port : old) {
            if (!ports.contains(port)) {
                port.close();
            }
        }
    }

    /** Narrows what the ports receive. */
    void filter(TrafficFilter wanted) {
        filter = wanted;
        for (PacketPort port : ports) {
            narrow(port);
        }
    }

    private void narrow(PacketPort port) {
        try {
            port.filter(filter);
        } catch (LinuxException e) {
            troubles.log(port.interfaceName() + " keeps its old filter", e, nowNanos);
        }
    }

    /** Takes other rules for firewall marks into use. */
    void marked(MarkedTraffic wanted) {
        marked = wanted;
    }

    List<PacketPort> ports() {
        return ports;
    }

    /** Follows a new view, and sends the frames that waited for what it says. */
    void network(NetworkView view, long now) {
        nowNanos = now;
        processor.network(view);
        if (!nextHops.isEmpty()) {
            nextHops.resolved(
                    view,
                    (interfaceIndex, segment, length, offload) ->
                            send(interfaceIndex, segment, 0, length, offload, false));
            flush();
        }
    }

    /** Handles up to {@link #BATCH} frames of each port. Answers how many there were. */
    int turn(long now) {
        nowNanos = now;
        int total = 0;
        for (PacketPort port : ports) {
            int count = port.receive(batch);
            if (count > 0) {
                receiving = port;
                process(count);
                receiving = null;
                flush();
                total += count;
            }
            port.release();
        }
        return total;
    }

    private void process(int count) {
        if (!marked.isEmpty()) {
            for (int i = 0; i < count; i++) {
                batch[i].firewallMark(marked.mark(batch[i]));
            }
        }
        Arrays.fill(verdicts, 0, count, null);
        try {
            processor.process(batch, count, verdicts, nowNanos, this);
        } catch (RuntimeException e) {
            broken(e);
            processRest(count);
        }
        if (!marked.isEmpty()) {
            returnStrays(count);
        }
    }

    /** What was withheld for a mark it turned out not to have goes to the stack after all. */
    private void returnStrays(int count) {
        for (int i = 0; i < count; i++) {
            PacketBuffer packet = batch[i];
            if (verdicts[i] == Verdict.Accepted.LOCAL
                    && marked.strayed(packet.segment(), packet.offset(), packet.length(), packet.firewallMark())) {
                deliverLocally(
                        packet.interfaceIndex(), packet.segment(), packet.offset(), packet.length(), packet.offload());
            }
        }
    }

    /** After a batch broke off: the packet without a verdict that comes first is to blame, the others get another chance. */
    private void processRest(int count) {
        boolean skipped = false;
        for (int i = 0; i < count; i++) {
            if (verdicts[i] != null) {
                continue;
            }
            if (!skipped) {
                skipped = true;
                continue;
            }
            try {
                verdicts[i] = processor.process(batch[i], nowNanos, this);
            } catch (RuntimeException e) {
                broken(e);
            }
        }
    }

    private void broken(RuntimeException e) {
        broken++;
        StackTraceElement[] trace = e.getStackTrace();
        String place = trace.length == 0 ? "" : " at " + trace[0];
        troubles.log("a packet could not be processed: " + e.getClass().getSimpleName() + place, e, nowNanos);
    }

    /** Whether frames wait for the address of their next hop. */
    boolean isWaiting() {
        return !nextHops.isEmpty();
    }

    /** Lets time pass. */
    void expire(long now) {
        nowNanos = now;
        try {
            processor.expire(now, this);
        } catch (RuntimeException e) {
            broken(e);
        }
        nextHops.expire(now, this::undelivered);
        flush();
    }

    private void undelivered(MemorySegment segment, int length) {
        try {
            processor.undelivered(segment, 0, length, nowNanos, this);
        } catch (RuntimeException e) {
            broken(e);
        }
    }

    private void flush() {
        for (PacketPort port : ports) {
            port.flush();
        }
    }

    /** The processor's figures with the drops that happen out here. */
    ForwardingStats stats() {
        ForwardingStats inner = processor.stats();
        List<ForwardingStats.DropCount> drops = new ArrayList<>(inner.drops());
        addDrop(drops, "local_delivery", undelivered);
        addDrop(drops, "neighbour", nextHops.dropped());
        addDrop(drops, "no_port", withoutPort);
        addDrop(drops, "processing", broken);
        long lost = ports.stream().mapToLong(port -> port.counters().lost()).sum();
        addDrop(drops, "port", lost);
        drops.sort(Comparator.comparing(ForwardingStats.DropCount::reason));
        return new ForwardingStats(inner.revision(), inner.services(), inner.total(), inner.totalRates(), drops);
    }

    private static void addDrop(List<ForwardingStats.DropCount> drops, String reason, long packets) {
        if (packets > 0) {
            drops.add(new ForwardingStats.DropCount(reason, packets));
        }
    }

    @Override
    public void transmit(int interfaceIndex, MemorySegment segment, long offset, int length, Offload offload) {
        // a frame rewritten in the ring stays there until the batch is released; any other memory may be used again at
        // once
        boolean stable = receiving != null && receiving.owns(segment);
        send(interfaceIndex, segment, offset, length, offload, stable);
    }

    private void send(
            int interfaceIndex, MemorySegment segment, long offset, int length, Offload offload, boolean stable) {
        PacketPort port =
                interfaceIndex >= 0 && interfaceIndex < portsByIndex.length ? portsByIndex[interfaceIndex] : null;
        if (port == null) {
            withoutPort++;
            return;
        }
        port.transmit(segment, offset, length, offload, stable);
    }

    @Override
    public void deliverLocally(int interfaceIndex, MemorySegment segment, long offset, int length, Offload offload) {
        if (!localDelivery.deliver(segment, offset, length, offload)) {
            undelivered++;
        }
    }

    @Override
    public void unresolved(
            int interfaceIndex, IpAddress nextHop, MemorySegment segment, long offset, int length, Offload offload) {
        nextHops.hold(interfaceIndex, nextHop, segment, offset, length, offload, nowNanos);
    }

    /** Closes all ports. */
    void close() {
        ports(List.of());
        localDelivery.close();
    }
}
