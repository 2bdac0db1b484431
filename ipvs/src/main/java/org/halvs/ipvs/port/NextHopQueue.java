package org.halvs.ipvs.port;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.halvs.ipvs.forward.NetworkView;
import org.halvs.ipvs.forward.Offload;
import org.halvs.linux.IpAddress;

/**
 * Copies of frames that wait for the Ethernet address of their next hop, within the limits the kernel has for the same ({@code arp(7)}:
 * {@code unres_qlen_bytes}, and three requests a second apart). Confined to one thread; knows no clock.
 */
final class NextHopQueue {
    private static final int BYTES_A_NEIGHBOUR = 212_992;
    private static final int NEIGHBOURS = 256;
    private static final long ASK_AGAIN_NANOS = 1_000_000_000L;
    private static final long GIVE_UP_NANOS = 3_000_000_000L;
    private static final int LONGEST_FRAME_BYTES = 66_000;

    /** Who finds out the address. */
    interface Resolver {
        void resolve(int interfaceIndex, IpAddress nextHop);
    }

    /** Takes a frame that is ready. */
    interface Out {
        void transmit(int interfaceIndex, MemorySegment segment, int length, Offload offload);
    }

    private record NextHop(int interfaceIndex, IpAddress address) {}

    private static final class Held {
        final byte[] frame;
        final Offload offload;

        Held(byte[] frame, Offload offload) {
            this.frame = frame;
            this.offload = offload;
        }
    }

    private static final class Waiting {
        final ArrayDeque<Held> frames = new ArrayDeque<>();
        final long sinceNanos;
        long askedNanos;
        int bytes;

        Waiting(long nowNanos) {
            sinceNanos = nowNanos;
            askedNanos = nowNanos;
        }
    }

    private final Resolver resolver;
    private final Map<NextHop, Waiting> waiting = new LinkedHashMap<>();
    private final MemorySegment scratch = Arena.ofAuto().allocate(LONGEST_FRAME_BYTES, 16);
    private long dropped;

    NextHopQueue(Resolver resolver) {
        this.resolver = resolver;
    }

    /** Keeps a copy of a frame, and asks for the address if nobody has. Of too many frames for one next hop the oldest go. */
    void hold(
            int interfaceIndex,
            IpAddress nextHop,
            MemorySegment segment,
            long offset,
            int length,
            Offload offload,
            long nowNanos) {
        if (length > LONGEST_FRAME_BYTES) {
            dropped++;
            return;
        }
        NextHop key = new NextHop(interfaceIndex, nextHop);
        Waiting queue = waiting.get(key);
        if (queue == null) {
            if (waiting.size() == NEIGHBOURS) {
                dropped++;
                return;
            }
            queue = new Waiting(nowNanos);
            waiting.put(key, queue);
            resolver.resolve(interfaceIndex, nextHop);
        }
        byte[] copy = new byte[length];
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, offset, copy, 0, length);
        queue.frames.add(new Held(copy, new Offload().set(offload)));
        queue.bytes += length;
        while (queue.bytes > BYTES_A_NEIGHBOUR) {
            queue.bytes -= queue.frames.remove().frame.length;
            dropped++;
        }
    }

    /** Sends what waits for next hops the view knows by now. */
    void resolved(NetworkView view, Out out) {
        for (Iterator<Map.Entry<NextHop, Waiting>> all = waiting.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<NextHop, Waiting> entry = all.next();
            int interfaceIndex = entry.getKey().interfaceIndex();
            long mac = view.neighbour(interfaceIndex, entry.getKey().address());
            if (mac == NetworkView.NO_MAC) {
                continue;
            }
            for (Held held : entry.getValue().frames) {
                for (int i = 0; i < 6; i++) {
                    held.frame[i] = (byte) (mac >>> (40 - 8 * i));
                }
                MemorySegment.copy(held.frame, 0, scratch, ValueLayout.JAVA_BYTE, 0, held.frame.length);
                out.transmit(interfaceIndex, scratch, held.frame.length, held.offload);
            }
            all.remove();
        }
    }

    /** Hears of a frame that is given up; the memory is the queue's own and may be changed. */
    interface Undelivered {
        void report(MemorySegment segment, int length);
    }

    /** Asks again where nobody answers, and gives up in the end. */
    void expire(long nowNanos, Undelivered undelivered) {
        List<Held> given = new ArrayList<>();
        for (Iterator<Map.Entry<NextHop, Waiting>> all = waiting.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<NextHop, Waiting> entry = all.next();
            Waiting queue = entry.getValue();
            if (nowNanos - queue.sinceNanos >= GIVE_UP_NANOS) {
                dropped += queue.frames.size();
                given.addAll(queue.frames);
                all.remove();
            } else if (nowNanos - queue.askedNanos >= ASK_AGAIN_NANOS) {
                queue.askedNanos = nowNanos;
                resolver.resolve(entry.getKey().interfaceIndex(), entry.getKey().address());
            }
        }
        // after the walk, because what a report leads to may itself have to wait here
        for (Held held : given) {
            MemorySegment.copy(held.frame, 0, scratch, ValueLayout.JAVA_BYTE, 0, held.frame.length);
            undelivered.report(scratch, held.frame.length);
        }
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Frames given up, since the start. */
    long dropped() {
        return dropped;
    }
}
