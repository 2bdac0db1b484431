package org.halvs.ipvs.forward;

import java.lang.foreign.MemorySegment;

/**
 * A view of one received Ethernet frame inside a larger piece of memory, such as a slot of a ring. Reused for every packet; the processor
 * rewrites the frame in place.
 *
 * <p>The bytes from {@code offset - headroom} to {@code offset + length + tailroom} belong to the processor while it handles the packet; it
 * touches no other byte. Frames handed to the {@link FrameSink} may lie in this memory, so it must stay as it is until the sink has taken them.
 */
public final class PacketBuffer {
    /** No VLAN tag was taken off the frame. */
    public static final int NO_VLAN = -1;

    private MemorySegment segment = MemorySegment.NULL;
    private long offset;
    private int length;
    private int headroom;
    private int tailroom;
    private int interfaceIndex;
    private int vlan = NO_VLAN;
    private long firewallMark;
    private final Offload offload = new Offload();

    /**
     * Points at a frame without VLAN tag, firewall mark or offload.
     *
     * @param segment must stay accessible to the thread that processes the packet
     * @param offset of the first byte of the Ethernet header in {@code segment}
     * @param length of the frame without frame check sequence; fewer bytes than the frame had on the wire (a truncated capture) make it a
     *     frame the processor drops
     * @param headroom free bytes in front of the frame, 0 or more; room for the outer headers of a tunnel (60 are always enough) spares a copy
     * @param tailroom free bytes behind it, 0 or more; a helper that lengthens a payload uses them
     * @param interfaceIndex the kernel's number of the interface the frame came in on
     */
    public PacketBuffer set(
            MemorySegment segment, long offset, int length, int headroom, int tailroom, int interfaceIndex) {
        if (length < 0 || headroom < 0 || tailroom < 0) {
            throw new IllegalArgumentException(
                    "length " + length + ", headroom " + headroom + ", tailroom " + tailroom);
        }
        this.segment = segment;
        this.offset = offset;
        this.length = length;
        this.headroom = headroom;
        this.tailroom = tailroom;
        this.interfaceIndex = interfaceIndex;
        this.vlan = NO_VLAN;
        this.firewallMark = 0;
        this.offload.clear();
        return this;
    }

    /** The tag control information the kernel or the card took off the frame (16 bits), or {@link #NO_VLAN}. */
    public PacketBuffer vlan(int tagControlInformation) {
        this.vlan = tagControlInformation;
        return this;
    }

    /** The firewall mark, 1 to 4294967295, or 0 for none. */
    public PacketBuffer firewallMark(long mark) {
        this.firewallMark = mark;
        return this;
    }

    public MemorySegment segment() {
        return segment;
    }

    public long offset() {
        return offset;
    }

    public int length() {
        return length;
    }

    public int headroom() {
        return headroom;
    }

    public int tailroom() {
        return tailroom;
    }

    public int interfaceIndex() {
        return interfaceIndex;
    }

    public int vlan() {
        return vlan;
    }

    public long firewallMark() {
        return firewallMark;
    }

    /** What the frame still expects of a card; the receiver fills it in after {@link #set}. */
    public Offload offload() {
        return offload;
    }
}
