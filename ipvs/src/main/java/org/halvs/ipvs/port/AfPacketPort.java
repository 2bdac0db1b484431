package org.halvs.ipvs.port;

import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.halvs.ipvs.forward.Offload;
import org.halvs.ipvs.forward.PacketBuffer;
import org.halvs.linux.LinuxException;
import org.halvs.linux.PacketRing;
import org.halvs.linux.PacketSender;
import org.halvs.linux.VirtioNetHeader;

/**
 * A port on packet sockets. It has two receive rings: one of many small slots for ordinary frames, and one of few slots of 68 KiB for the
 * super-packets that generic receive offload, or senders on this machine, make of TCP streams. A filter in the kernel sorts frames by length, so
 * each is in one ring only; {@link #receive} puts them back in order by their time stamps. A single ring would have to have large slots only, and
 * then hold too few packets for the pauses of a garbage collector, or be too large.
 *
 * <p>Where the kernel has virtio headers on packet sockets (4.6), unfinished checksums and super-packets are passed on as they came. Where it
 * has not, checksums are finished here, and super-packets are lost: receive offload has to be off on such directors.
 */
public final class AfPacketPort implements PacketPort {
    private static final System.Logger LOGGER = System.getLogger(AfPacketPort.class.getName());

    /** The outer headers of a tunnel fit in front of each frame. */
    private static final int HEADROOM_BYTES = 64;

    private static final int SMALL_FRAME_BYTES = 2048;
    private static final int SMALL_BLOCK_BYTES = 256 << 10;

    /** 64 KiB of IP packet, its Ethernet header and what the ring adds. 15 of them fit in a block. */
    private static final int LARGE_FRAME_BYTES = 68 << 10;

    private static final int LARGE_BLOCK_BYTES = 1 << 20;

    /** With one port the rings have 4 MiB (2048 frames) and 8 MiB (120 super-packets); with many, each has a share, but a quarter of it at least. */
    private static final int SMALL_BLOCKS = 16;

    private static final int LARGE_BLOCKS = 8;
    private static final int FULL_SHARES = 4;

    private static final int COPY_BYTES = 256 << 10;
    private static final int SEND_BATCH = 64;

    private final int interfaceIndex;
    private final String interfaceName;
    private final PacketRing small;
    private final PacketRing large;
    private final PacketSender sender;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment copies = arena.allocate(COPY_BYTES, 64);
    private final PacketRing.Frame frame = new PacketRing.Frame();
    private long copied;
    private long received;
    private long truncated;
    private long unsendable;
    private long refusalsLogged;
    private volatile PortCounters counters = PortCounters.ZERO;

    private AfPacketPort(
            int interfaceIndex, String interfaceName, PacketRing small, PacketRing large, PacketSender sender) {
        this.interfaceIndex = interfaceIndex;
        this.interfaceName = interfaceName;
        this.small = small;
        this.large = large;
        this.sender = sender;
    }

    /**
     * Opens the rings of an Ethernet interface, in the network namespace of the calling thread.
     *
     * @param share the number of ports that share the memory meant for all of them: up to 4 have 12 MiB each, more have less, 3 MiB at least
     * @throws LinuxException when the kernel refuses
     */
    public static AfPacketPort open(int interfaceIndex, String interfaceName, int share) {
        int divisor = Math.clamp((share + FULL_SHARES - 1) / FULL_SHARES, 1, 4);
        PacketRing.Shape smallShape =
                new PacketRing.Shape(SMALL_BLOCK_BYTES, SMALL_BLOCKS / divisor, SMALL_FRAME_BYTES, HEADROOM_BYTES);
        PacketRing.Shape largeShape =
                new PacketRing.Shape(LARGE_BLOCK_BYTES, LARGE_BLOCKS / divisor, LARGE_FRAME_BYTES, HEADROOM_BYTES);
        int border = smallShape.longestFrameBytes();
        PacketRing small =
                PacketRing.open(interfaceIndex, interfaceName, smallShape, TrafficFilter.EVERYTHING.program(0, border));
        try {
            PacketRing large = PacketRing.open(
                    interfaceIndex,
                    interfaceName,
                    largeShape,
                    TrafficFilter.EVERYTHING.program(border, Integer.MAX_VALUE));
            try {
                // not past the queueing discipline: shaping rules apply, and tcpdump on the director shows what it
                // forwards
                PacketSender sender = PacketSender.open(interfaceIndex, interfaceName, SEND_BATCH, false);
                return new AfPacketPort(interfaceIndex, interfaceName, small, large, sender);
            } catch (RuntimeException e) {
                large.close();
                throw e;
            }
        } catch (RuntimeException e) {
            small.close();
            throw e;
        }
    }

    @Override
    public int interfaceIndex() {
        return interfaceIndex;
    }

    @Override
    public String interfaceName() {
        return interfaceName;
    }

    /** Whether unfinished checksums and super-packets pass. */
    public boolean passesOffloads() {
        return small.virtioHeaders() && sender.virtioHeaders();
    }

    List<PacketRing> rings() {
        return List.of(small, large);
    }

    @Override
    public int receive(PacketBuffer[] into) {
        int count = 0;
        while (count < into.length) {
            PacketRing ring = next();
            if (!ring.receive(frame)) {
                break;
            }
            if (frame.length() < frame.wireLength()) {
                truncated++;
                continue;
            }
            if (frame.outgoing() || frame.vlan() >= 0) {
                continue; // only where a kernel ignores the filter's words for it
            }
            fill(into[count++], ring);
        }
        received += count;
        return count;
    }

    /**
     * The ring with the older frame. A ring that looked empty is asked again after the other had a frame: the frame it got meanwhile may be the
     * older one, and the kernel fills both in the order of arrival.
     */
    private PacketRing next() {
        boolean inSmall = small.available();
        boolean inLarge = large.available();
        if (inSmall && !inLarge) {
            inLarge = large.available();
        } else if (inLarge && !inSmall) {
            inSmall = small.available();
        }
        if (inSmall && inLarge) {
            return large.nextTimestampNanos() < small.nextTimestampNanos() ? large : small;
        }
        return inLarge ? large : small;
    }

    private void fill(PacketBuffer packet, PacketRing ring) {
        MemorySegment memory = ring.memory();
        int tailroom = Math.max(0, ring.shape().longestFrameBytes() - frame.length());
        packet.set(memory, frame.offset(), frame.length(), HEADROOM_BYTES, tailroom, interfaceIndex);
        Offload offload = packet.offload();
        if (!ring.virtioHeaders()) {
            if (frame.checksumUnfinished()) {
                SoftwareOffload.describe(memory, frame.offset(), frame.length(), offload);
            }
            return;
        }
        long header = frame.offset() - VirtioNetHeader.BYTES;
        if ((VirtioNetHeader.flags(memory, header) & VirtioNetHeader.NEEDS_CHECKSUM) != 0) {
            offload.checksumPartial(
                    VirtioNetHeader.checksumStart(memory, header), VirtioNetHeader.checksumOffset(memory, header));
        }
        int gsoType = VirtioNetHeader.gsoType(memory, header);
        if (gsoType != Offload.GSO_NONE) {
            offload.gso(gsoType, VirtioNetHeader.gsoSize(memory, header), VirtioNetHeader.headerLength(memory, header));
        }
    }

    @Override
    public void filter(TrafficFilter filter) {
        int border = small.shape().longestFrameBytes();
        small.filter(filter.program(0, border));
        large.filter(filter.program(border, Integer.MAX_VALUE));
    }

    @Override
    public boolean isReady() {
        return small.available() || large.available();
    }

    @Override
    public boolean owns(MemorySegment segment) {
        return segment.equals(small.memory()) || segment.equals(large.memory());
    }

    @Override
    public void transmit(MemorySegment segment, long offset, int length, Offload offload, boolean stable) {
        if (sender.isFull()) {
            flush();
        }
        boolean finishHere = !offload.isNone() && !sender.virtioHeaders();
        if (finishHere && offload.isGso() || length > COPY_BYTES) {
            unsendable++;
            return;
        }
        if (stable && !finishHere) {
            queue(segment, offset, length, offload);
            return;
        }
        if (copied + length > COPY_BYTES) {
            flush();
        }
        long at = copied;
        MemorySegment.copy(segment, offset, copies, at, length);
        copied += length + 15 & ~15;
        if (finishHere) {
            SoftwareOffload.finishChecksum(copies, at, length, offload);
            sender.add(copies, at, length);
        } else {
            queue(copies, at, length, offload);
        }
    }

    private void queue(MemorySegment segment, long offset, int length, Offload offload) {
        if (offload.isNone()) {
            sender.add(segment, offset, length);
            return;
        }
        sender.add(
                segment,
                offset,
                length,
                offload.isChecksumPartial() ? VirtioNetHeader.NEEDS_CHECKSUM : 0,
                offload.gsoType(),
                offload.headerLength(),
                offload.gsoSize(),
                offload.checksumStart(),
                offload.checksumOffset());
    }

    @Override
    public void flush() {
        copied = 0;
        if (sender.isEmpty()) {
            return;
        }
        try {
            sender.flush();
        } catch (LinuxException e) {
            LOGGER.log(Level.DEBUG, "{0}: {1}", interfaceName, e.getMessage());
        }
        if (sender.refused() > refusalsLogged && refusalsLogged == 0) {
            LOGGER.log(
                    Level.WARNING,
                    "{0}: the kernel refuses frames to send: {1}; more of them are only counted",
                    interfaceName,
                    sender.lastRefusal().text());
        }
        refusalsLogged = sender.refused();
    }

    @Override
    public void release() {
        small.release();
        large.release();
    }

    /** Brings {@link #counters} up to date; called by the worker now and then. */
    void refreshCounters() {
        counters = new PortCounters(
                received,
                sender.sent(),
                small.dropped() + large.dropped(),
                truncated,
                sender.congested(),
                sender.refused() + unsendable);
    }

    @Override
    public PortCounters counters() {
        return counters;
    }

    @Override
    public void close() {
        small.close();
        large.close();
        sender.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
