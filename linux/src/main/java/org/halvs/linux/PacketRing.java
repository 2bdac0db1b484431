package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The frames one interface receives, in a ring of memory shared with the kernel: {@code TPACKET_V2} of {@code packet(7)} and
 * {@code Documentation/networking/packet_mmap.rst}. Confined to one thread at a time, except for {@link #filter} and {@link #close}.
 *
 * <p>A socket sees a frame before the interface's packet filters (tc ingress, nftables) do, as a copy. Frames this machine sends itself are left
 * out.
 *
 * <p>Where the kernel can ({@link #virtioHeaders()}), frames come with what they leave to a card, so that an unfinished checksum and a
 * super-packet of up to 64 KiB can be passed on as they are.
 */
public final class PacketRing implements AutoCloseable {

    /**
     * How a ring is cut.
     *
     * @param blockBytes a power of two, 4096 or more: the pieces in which the kernel finds memory
     * @param blocks how many of them
     * @param frameBytes the space of one frame with {@link #OVERHEAD_BYTES} of headers and the headroom; a multiple of 16, at most {@code blockBytes}
     * @param headroomBytes free bytes in front of each frame
     */
    public record Shape(int blockBytes, int blocks, int frameBytes, int headroomBytes) {
        public Shape {
            if (Integer.bitCount(blockBytes) != 1 || blockBytes < 4096 || blocks < 1) {
                throw new IllegalArgumentException(blocks + " blocks of " + blockBytes + " bytes");
            }
            if (frameBytes % 16 != 0 || frameBytes > blockBytes || frameBytes <= OVERHEAD_BYTES + headroomBytes) {
                throw new IllegalArgumentException(
                        "frames of " + frameBytes + " bytes with " + headroomBytes + " bytes of headroom");
            }
        }

        /** How many frames fit in. */
        public int frames() {
            return blocks * (blockBytes / frameBytes);
        }

        /** The longest frame that fits in, Ethernet header included. */
        public int longestFrameBytes() {
            return frameBytes - OVERHEAD_BYTES - headroomBytes;
        }

        /** The memory of the whole ring. */
        public long bytes() {
            return (long) blockBytes * blocks;
        }
    }

    /** A received frame, refilled for every one. The memory is the receiver's until {@link #release}. */
    public static final class Frame {
        private long offset;
        private int length;
        private int wireLength;
        private long timestampNanos;
        private boolean checksumUnfinished;
        private boolean outgoing;
        private int vlan;

        /** Where the Ethernet header begins in {@link PacketRing#memory()}; a {@link VirtioNetHeader} stands right before it. */
        public long offset() {
            return offset;
        }

        /** Bytes in the ring. */
        public int length() {
            return length;
        }

        /** Bytes the frame really had; more than {@link #length()} when it did not fit. */
        public int wireLength() {
            return wireLength;
        }

        /** When the frame came, on the wall clock. */
        public long timestampNanos() {
            return timestampNanos;
        }

        /** Whether the transport checksum is not there yet ({@code TP_STATUS_CSUMNOTREADY}): the frame comes from a sender on this machine. */
        public boolean checksumUnfinished() {
            return checksumUnfinished;
        }

        /** Whether this machine sent it; only kernels before 4.20 show such frames. */
        public boolean outgoing() {
            return outgoing;
        }

        /** The tag control information of a VLAN tag that was taken off, or -1. */
        public int vlan() {
            return vlan;
        }
    }

    /** What a ring takes of every frame's space for its own headers: {@code tpacket2_hdr}, {@code sockaddr_ll}, virtio header, alignment. */
    public static final int OVERHEAD_BYTES = 80;

    private static final int SO_ERROR = 4;
    private static final int SO_ATTACH_FILTER = 26;
    private static final int PACKET_RX_RING = 5;
    private static final int PACKET_STATISTICS = 6;
    private static final int PACKET_VERSION = 10;
    private static final int PACKET_RESERVE = 12;
    private static final int PACKET_VNET_HDR = 15;
    private static final int PACKET_IGNORE_OUTGOING = 23;
    private static final int TPACKET_V2 = 1;
    private static final int STATUS_KERNEL = 0;
    private static final int STATUS_USER = 1;
    private static final int STATUS_CHECKSUM_NOT_READY = 0x08;
    private static final int STATUS_VLAN_VALID = 0x10;
    private static final int PACKET_OUTGOING = 4;

    /** {@code sll_pkttype} of the {@code sockaddr_ll} behind the {@code tpacket2_hdr}. */
    private static final int PACKET_TYPE_OFFSET = 32 + 10;

    private static final VarHandle STATUS = ValueLayout.JAVA_INT.varHandle();

    private final String interfaceName;
    private final Descriptor socket;
    private final Arena arena;
    private final MemorySegment memory;
    private final Shape shape;
    private final boolean virtioHeaders;
    private final int framesPerBlock;
    private final MemorySegment statistics;
    private long head;
    private long tail;
    private long dropped;

    private PacketRing(
            String interfaceName,
            Descriptor socket,
            Arena arena,
            MemorySegment memory,
            Shape shape,
            boolean virtioHeaders) {
        this.interfaceName = interfaceName;
        this.socket = socket;
        this.arena = arena;
        this.memory = memory;
        this.shape = shape;
        this.virtioHeaders = virtioHeaders;
        this.framesPerBlock = shape.blockBytes() / shape.frameBytes();
        this.statistics = arena.allocate(8, 4);
    }

    /**
     * Starts receiving. The interface must stand in the network namespace of the calling thread.
     *
     * @throws LinuxException {@code ENODEV} when there is no such interface, {@code ENETDOWN} when it is down, {@code EPERM} without
     *     {@code CAP_NET_RAW}, {@code ENOMEM} when there is no memory for the ring
     */
    public static PacketRing open(int interfaceIndex, String interfaceName, Shape shape, BpfFilter filter) {
        String subject = "packet ring on " + interfaceName;
        // protocol 0: nothing comes in before the filter and the ring are in place
        Descriptor socket = Descriptor.slowSocket(PacketCalls.AF_PACKET, PacketCalls.SOCK_RAW_NONBLOCK, 0, subject);
        Arena arena = Arena.ofShared();
        try (Arena arguments = Arena.ofConfined()) {
            socket.option(PacketCalls.SOL_PACKET, PACKET_VERSION, TPACKET_V2);
            socket.option(PacketCalls.SOL_PACKET, PACKET_RESERVE, shape.headroomBytes());
            PacketCalls.optionIfKnown(socket, PACKET_IGNORE_OUTGOING, 1);
            attach(socket, filter, arguments);
            boolean virtioHeaders = makeRing(socket, shape, arguments);
            MemorySegment memory = MappedMemory.map(socket, shape.bytes(), arena, subject);
            socket.bind(PacketCalls.address(arguments, interfaceIndex, PacketCalls.ETH_P_ALL));
            return new PacketRing(interfaceName, socket, arena, memory, shape, virtioHeaders);
        } catch (RuntimeException e) {
            arena.close();
            socket.close();
            throw e;
        }
    }

    /** Makes the ring, with virtio headers where the kernel knows both together (since 4.6). Answers whether it does. */
    private static boolean makeRing(Descriptor socket, Shape shape, Arena arena) {
        MemorySegment request = arena.allocate(16, 4); // struct tpacket_req
        request.set(ValueLayout.JAVA_INT, 0, shape.blockBytes());
        request.set(ValueLayout.JAVA_INT, 4, shape.blocks());
        request.set(ValueLayout.JAVA_INT, 8, shape.frameBytes());
        request.set(ValueLayout.JAVA_INT, 12, shape.frames());
        boolean virtioHeaders = PacketCalls.optionIfKnown(socket, PACKET_VNET_HDR, 1);
        try {
            socket.option(PacketCalls.SOL_PACKET, PACKET_RX_RING, request);
            return virtioHeaders;
        } catch (LinuxException e) {
            if (!virtioHeaders || !e.errno().equals(Errno.EINVAL)) {
                throw e;
            }
            socket.option(PacketCalls.SOL_PACKET, PACKET_VNET_HDR, 0);
            socket.option(PacketCalls.SOL_PACKET, PACKET_RX_RING, request);
            return false;
        }
    }

    private static void attach(Descriptor socket, BpfFilter filter, Arena arena) {
        socket.option(PacketCalls.SOL_SOCKET, SO_ATTACH_FILTER, filter.program(arena));
    }

    /** Takes another filter into use, between two frames. May be called by any thread. */
    public void filter(BpfFilter filter) {
        try (Arena arguments = Arena.ofConfined()) {
            attach(socket, filter, arguments);
        }
    }

    public String interfaceName() {
        return interfaceName;
    }

    public Shape shape() {
        return shape;
    }

    /** Whether a {@link VirtioNetHeader} stands right before each frame. */
    public boolean virtioHeaders() {
        return virtioHeaders;
    }

    /** The memory of the ring. After {@link #close} each access to it is an {@link IllegalStateException}. */
    public MemorySegment memory() {
        return memory;
    }

    /** Whether {@link #receive} will find a frame. */
    public boolean available() {
        return head - tail < shape.frames() && (status(head) & STATUS_USER) != 0;
    }

    /** Points {@code into} at the next frame and moves on; false when there is none. */
    public boolean receive(Frame into) {
        if (head - tail == shape.frames()) {
            return false;
        }
        int status = status(head);
        if ((status & STATUS_USER) == 0) {
            return false;
        }
        long at = position(head++);
        into.wireLength = memory.get(ValueLayout.JAVA_INT, at + 4);
        into.length = memory.get(ValueLayout.JAVA_INT, at + 8);
        into.offset = at + (memory.get(ValueLayout.JAVA_SHORT, at + 12) & 0xffff);
        into.timestampNanos = timestamp(at);
        into.checksumUnfinished = (status & STATUS_CHECKSUM_NOT_READY) != 0;
        into.outgoing = memory.get(ValueLayout.JAVA_BYTE, at + PACKET_TYPE_OFFSET) == PACKET_OUTGOING;
        into.vlan = (status & STATUS_VLAN_VALID) != 0 ? memory.get(ValueLayout.JAVA_SHORT, at + 24) & 0xffff : -1;
        return true;
    }

    /** When the frame {@link #receive} would answer next came, on the wall clock. Only after {@link #available} said so. */
    public long nextTimestampNanos() {
        return timestamp(position(head));
    }

    /** Gives the kernel back the memory of all frames received so far. */
    public void release() {
        while (tail < head) {
            STATUS.setRelease(memory, position(tail++), STATUS_KERNEL);
        }
    }

    /** Frames lost since the ring was opened because it was full. Asks the kernel. */
    public long dropped() {
        PacketCalls.getOption(socket, PacketCalls.SOL_PACKET, PACKET_STATISTICS, statistics, interfaceName);
        dropped += statistics.get(ValueLayout.JAVA_INT, 4) & 0xffffffffL; // each reading starts from zero again
        return dropped;
    }

    /** The error the kernel left on the socket ({@code ENETDOWN} when the interface went down), which is gone then; number 0 for none. */
    public Errno takeError() {
        try (Arena arguments = Arena.ofConfined()) {
            MemorySegment error = arguments.allocate(4, 4);
            PacketCalls.getOption(socket, PacketCalls.SOL_SOCKET, SO_ERROR, error, interfaceName);
            return new Errno(error.get(ValueLayout.JAVA_INT, 0));
        }
    }

    Descriptor descriptor() {
        return socket;
    }

    private int status(long frame) {
        return (int) STATUS.getAcquire(memory, position(frame));
    }

    private long timestamp(long at) {
        return (memory.get(ValueLayout.JAVA_INT, at + 16) & 0xffffffffL) * 1_000_000_000L
                + memory.get(ValueLayout.JAVA_INT, at + 20);
    }

    private long position(long frame) {
        int index = (int) (frame % shape.frames());
        return (long) (index / framesPerBlock) * shape.blockBytes()
                + (long) (index % framesPerBlock) * shape.frameBytes();
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
        socket.close();
    }
}
