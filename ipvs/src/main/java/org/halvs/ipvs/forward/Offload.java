package org.halvs.ipvs.forward;

/**
 * What a frame leaves to the network card: a checksum to finish, a super-packet to cut into segments. The fields mean what they mean in
 * {@code struct virtio_net_hdr} ({@code include/uapi/linux/virtio_net.h}). Mutable and reused; positions count from the first byte of the frame.
 */
public final class Offload {
    /** Not a super-packet. */
    public static final int GSO_NONE = 0;

    public static final int GSO_TCPV4 = 1;
    /** UDP fragmentation, deprecated in the kernel. */
    public static final int GSO_UDP = 3;

    public static final int GSO_TCPV6 = 4;
    /** UDP segmentation into datagrams of {@link #gsoSize()} bytes. */
    public static final int GSO_UDP_L4 = 5;

    /** Bit in the type of a TCP super-packet whose segments carry CWR in the first only. */
    public static final int GSO_ECN = 0x80;

    private boolean checksumPartial;
    private int checksumStart;
    private int checksumOffset;
    private int gsoType;
    private int gsoSize;
    private int headerLength;

    /** Nothing left to do: the frame is complete as it stands. */
    public Offload clear() {
        checksumPartial = false;
        checksumStart = 0;
        checksumOffset = 0;
        gsoType = GSO_NONE;
        gsoSize = 0;
        headerLength = 0;
        return this;
    }

    /**
     * The transport checksum has to be finished: its field holds the sum of the pseudo-header, not complemented.
     *
     * @param start where summing begins, in bytes from the start of the frame
     * @param offset of the checksum field, in bytes from {@code start}
     */
    public Offload checksumPartial(int start, int offset) {
        checksumPartial = true;
        checksumStart = start;
        checksumOffset = offset;
        return this;
    }

    /**
     * The frame is several segments in one.
     *
     * @param type one of the {@code GSO_} constants, with or without {@link #GSO_ECN}
     * @param size payload bytes of each segment, 1 or more
     * @param headers bytes before the payload, 0 when unknown; a hint only
     */
    public Offload gso(int type, int size, int headers) {
        gsoType = type;
        gsoSize = size;
        headerLength = headers;
        return this;
    }

    /** Takes over all of {@code other}. */
    public Offload set(Offload other) {
        checksumPartial = other.checksumPartial;
        checksumStart = other.checksumStart;
        checksumOffset = other.checksumOffset;
        gsoType = other.gsoType;
        gsoSize = other.gsoSize;
        headerLength = other.headerLength;
        return this;
    }

    /** The frame's headers grew ({@code bytes} positive) or shrank in front of what the positions point at. */
    Offload shift(int bytes) {
        checksumStart = checksumPartial ? checksumStart + bytes : 0;
        headerLength = headerLength == 0 ? 0 : headerLength + bytes;
        return this;
    }

    public boolean isChecksumPartial() {
        return checksumPartial;
    }

    public int checksumStart() {
        return checksumStart;
    }

    public int checksumOffset() {
        return checksumOffset;
    }

    public boolean isGso() {
        return gsoType != GSO_NONE;
    }

    public int gsoType() {
        return gsoType;
    }

    public int gsoSize() {
        return gsoSize;
    }

    public int headerLength() {
        return headerLength;
    }

    /** Whether the frame can be written to a wire as it stands. */
    public boolean isNone() {
        return !checksumPartial && gsoType == GSO_NONE;
    }
}
