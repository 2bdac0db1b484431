package org.halvs.ipvs.capture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a capture that is in memory as a whole. A file that ends in the middle of a packet gives the packets before it, as tcpdump reads it;
 * any other damage is an {@link IOException} that says where.
 */
public final class CaptureReader {
    private static final int PCAP_MICROS = 0xa1b2c3d4;
    private static final int PCAP_NANOS = 0xa1b23c4d;
    private static final int SECTION_HEADER = 0x0a0d0d0a;
    private static final int BYTE_ORDER = 0x1a2b3c4d;
    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int SIMPLE_PACKET = 3;
    private static final int ENHANCED_PACKET = 6;
    private static final int OPTION_NAME = 2;
    private static final int OPTION_RESOLUTION = 9;
    private static final int OPTION_OFFSET = 14;
    private static final int ETHERNET = 1;
    private static final int PCAP_HEADER = 24;
    private static final long NANOS = 1_000_000_000L;

    /** An interface of a pcapng section. */
    private record Source(String name, int linkType, int resolution, long offsetSeconds, long snapLength) {

        /** A timestamp of this interface in nanoseconds. */
        long nanos(long units) {
            int exponent = resolution & 0x7f;
            boolean binary = (resolution & 0x80) != 0;
            long perSecond = binary ? 1L << Math.min(exponent, 62) : powerOfTen(exponent);
            long seconds = Long.divideUnsigned(units, perSecond);
            long rest = Long.remainderUnsigned(units, perSecond);
            long fraction = perSecond <= NANOS ? rest * NANOS / perSecond : (long) ((double) rest / perSecond * NANOS);
            return (seconds + offsetSeconds) * NANOS + fraction;
        }

        private static long powerOfTen(int exponent) {
            long power = 1;
            for (int i = 0; i < Math.min(exponent, 18); i++) {
                power *= 10;
            }
            return power;
        }
    }

    private final ByteBuffer in;
    private final List<CapturedFrame> frames = new ArrayList<>();

    private CaptureReader(byte[] file) {
        this.in = ByteBuffer.wrap(file);
    }

    /** All Ethernet frames of a pcap or pcapng file in the order in which they stand. */
    public static List<CapturedFrame> read(byte[] file) throws IOException {
        if (file.length < 4) {
            throw new IOException("a capture has at least 4 bytes, this one " + file.length);
        }
        CaptureReader reader = new CaptureReader(file);
        int magic = reader.in.getInt(0);
        if (magic == SECTION_HEADER) {
            reader.readPcapng();
        } else {
            reader.readPcap(magic);
        }
        return List.copyOf(reader.frames);
    }

    private void readPcap(int magic) throws IOException {
        boolean swapped = magic == Integer.reverseBytes(PCAP_MICROS) || magic == Integer.reverseBytes(PCAP_NANOS);
        in.order(swapped ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        int ordered = in.getInt(0);
        if (ordered != PCAP_MICROS && ordered != PCAP_NANOS || in.limit() < PCAP_HEADER) {
            throw new IOException("neither a pcap nor a pcapng file: it begins with " + Integer.toHexString(magic));
        }
        long unit = ordered == PCAP_NANOS ? 1 : 1_000;
        requireEthernet(in.getInt(20) & 0x0fff_ffff, PCAP_HEADER);
        in.position(PCAP_HEADER);
        while (in.remaining() >= 16) {
            long time = Integer.toUnsignedLong(in.getInt()) * NANOS + Integer.toUnsignedLong(in.getInt()) * unit;
            int length = in.getInt();
            int original = in.getInt();
            if (length < 0 || length > in.remaining()) {
                return;
            }
            frames.add(new CapturedFrame(time, "", FrameBytes.of(take(length)), original));
        }
    }

    private void readPcapng() throws IOException {
        List<Source> sources = new ArrayList<>();
        while (in.remaining() >= 12) {
            int start = in.position();
            int type = in.getInt(start);
            if (type == SECTION_HEADER) {
                in.order(in.getInt(start + 8) == BYTE_ORDER ? in.order() : other(in.order()));
                if (in.getInt(start + 8) != BYTE_ORDER) {
                    throw new IOException("byte " + start + ": a section without byte order");
                }
                sources.clear();
            } else {
                type = in.getInt(start);
            }
            int length = in.getInt(start + 4);
            if (length < 12 || length % 4 != 0) {
                throw new IOException("byte " + start + ": a block of " + length + " bytes");
            }
            if (length > in.limit() - start) {
                return;
            }
            int end = start + length - 4;
            in.position(start + 8);
            switch (type) {
                case INTERFACE_DESCRIPTION -> sources.add(source(start, end));
                case ENHANCED_PACKET -> enhancedPacket(start, end, sources);
                case SIMPLE_PACKET -> simplePacket(start, end, sources);
                default -> {
                    // statistics, name resolution and others say nothing about frames
                }
            }
            in.position(start + length);
        }
    }

    private static ByteOrder other(ByteOrder order) {
        return order == ByteOrder.BIG_ENDIAN ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    }

    private Source source(int start, int end) throws IOException {
        require(end - in.position() >= 8, start);
        int linkType = Short.toUnsignedInt(in.getShort());
        in.getShort();
        long snapLength = Integer.toUnsignedLong(in.getInt());
        String name = "";
        int resolution = 6;
        long offsetSeconds = 0;
        while (end - in.position() >= 4) {
            int code = Short.toUnsignedInt(in.getShort());
            int length = Short.toUnsignedInt(in.getShort());
            require(length <= end - in.position(), start);
            if (code == 0) {
                break;
            }
            int next = in.position() + (length + 3) / 4 * 4;
            if (code == OPTION_NAME) {
                name = new String(take(length), StandardCharsets.UTF_8);
            } else if (code == OPTION_RESOLUTION && length >= 1) {
                resolution = in.get();
            } else if (code == OPTION_OFFSET && length >= 8) {
                offsetSeconds = in.getLong();
            }
            in.position(Math.min(next, end));
        }
        return new Source(name, linkType, resolution, offsetSeconds, snapLength);
    }

    private void enhancedPacket(int start, int end, List<Source> sources) throws IOException {
        require(end - in.position() >= 20, start);
        int index = in.getInt();
        require(index >= 0 && index < sources.size(), start);
        Source source = sources.get(index);
        requireEthernet(source.linkType(), start);
        long units = Integer.toUnsignedLong(in.getInt()) << 32 | Integer.toUnsignedLong(in.getInt());
        int length = in.getInt();
        int original = in.getInt();
        require(length >= 0 && length <= end - in.position(), start);
        frames.add(new CapturedFrame(source.nanos(units), source.name(), FrameBytes.of(take(length)), original));
    }

    private void simplePacket(int start, int end, List<Source> sources) throws IOException {
        require(!sources.isEmpty() && end - in.position() >= 4, start);
        Source source = sources.getFirst();
        requireEthernet(source.linkType(), start);
        int original = in.getInt();
        require(original >= 0, start);
        long kept = source.snapLength() == 0 ? original : Math.min(original, source.snapLength());
        require(kept <= end - in.position(), start);
        frames.add(new CapturedFrame(0, source.name(), FrameBytes.of(take((int) kept)), original));
    }

    private byte[] take(int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private static void require(boolean holds, int start) throws IOException {
        if (!holds) {
            throw new IOException("byte " + start + ": a block whose lengths contradict each other");
        }
    }

    private static void requireEthernet(int linkType, int start) throws IOException {
        if (linkType != ETHERNET) {
            throw new IOException("byte " + start + ": link type " + linkType + ", only Ethernet (1) can be replayed;"
                    + " capture on one interface, not on \"any\"");
        }
    }
}
