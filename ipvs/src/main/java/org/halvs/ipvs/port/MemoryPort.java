package org.halvs.ipvs.port;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.halvs.ipvs.forward.Offload;
import org.halvs.ipvs.forward.PacketBuffer;

/**
 * A port whose wire is two lists: frames offered by a test are received, frames transmitted are kept. Thread-safe, so that a test may watch a
 * worker's port.
 */
public final class MemoryPort implements PacketPort {
    private static final int SLOT_BYTES = 70_000;
    private static final int HEADROOM_BYTES = 64;

    /** A frame on the wire. */
    public static final class Frame {
        private final byte[] bytes;
        private final Offload offload;

        /** @param offload what the sender left to the card */
        public Frame(byte[] bytes, Offload offload) {
            this.bytes = bytes.clone();
            this.offload = new Offload().set(offload);
        }

        public byte[] bytes() {
            return bytes.clone();
        }

        public Offload offload() {
            return offload;
        }
    }

    private final int interfaceIndex;
    private final String interfaceName;
    private final Queue<Frame> incoming = new ArrayDeque<>();
    private final List<Frame> queued = new ArrayList<>();
    private final List<Frame> sent = new ArrayList<>();
    private final MemorySegment memory;
    private long received;
    private boolean closed;

    /** @param batch how many frames one {@link #receive} yields at most */
    public MemoryPort(int interfaceIndex, String interfaceName, int batch) {
        this.interfaceIndex = interfaceIndex;
        this.interfaceName = interfaceName;
        this.memory = Arena.ofAuto().allocate((long) SLOT_BYTES * batch, 16);
    }

    /** Puts a frame on the wire for the port to receive. */
    public synchronized void offer(byte[] frame) {
        offer(new Frame(frame, new Offload()));
    }

    public synchronized void offer(Frame frame) {
        incoming.add(frame);
    }

    /** Takes the frames sent so far off the wire. */
    public synchronized List<Frame> takeSent() {
        List<Frame> taken = List.copyOf(sent);
        sent.clear();
        return taken;
    }

    public synchronized boolean closed() {
        return closed;
    }

    @Override
    public int interfaceIndex() {
        return interfaceIndex;
    }

    @Override
    public String interfaceName() {
        return interfaceName;
    }

    @Override
    public synchronized int receive(PacketBuffer[] into) {
        int count = 0;
        long slots = memory.byteSize() / SLOT_BYTES;
        while (count < into.length && count < slots && !incoming.isEmpty()) {
            Frame frame = incoming.remove();
            long at = (long) count * SLOT_BYTES + HEADROOM_BYTES;
            MemorySegment.copy(frame.bytes, 0, memory, ValueLayout.JAVA_BYTE, at, frame.bytes.length);
            int tailroom = SLOT_BYTES - HEADROOM_BYTES - frame.bytes.length;
            into[count].set(memory, at, frame.bytes.length, HEADROOM_BYTES, tailroom, interfaceIndex);
            into[count].offload().set(frame.offload());
            count++;
        }
        received += count;
        return count;
    }

    @Override
    public void filter(TrafficFilter filter) {
        // receives everything
    }

    @Override
    public synchronized boolean isReady() {
        return !incoming.isEmpty();
    }

    @Override
    public boolean owns(MemorySegment segment) {
        return segment.equals(memory);
    }

    @Override
    public synchronized void transmit(MemorySegment segment, long offset, int length, Offload offload, boolean stable) {
        byte[] bytes = segment.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
        queued.add(new Frame(bytes, offload));
    }

    @Override
    public synchronized void flush() {
        sent.addAll(queued);
        queued.clear();
    }

    @Override
    public void release() {
        // the next receive overwrites the frames
    }

    @Override
    public synchronized PortCounters counters() {
        return new PortCounters(received, sent.size(), 0, 0, 0, 0);
    }

    @Override
    public synchronized void close() {
        closed = true;
    }
}
