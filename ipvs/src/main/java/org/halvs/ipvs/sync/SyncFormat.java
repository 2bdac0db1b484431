package org.halvs.ipvs.sync;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A {@link SyncRecord} as directors of ours send it to each other: numbers in network order, IPv4 without options in 38 bytes.
 *
 * <pre>
 * u16 length of the record     u8 form     u8 protocol     u8 state     u8 0     u16 flags
 * u16 client, virtual and destination port    u32 timeout ms    u32 remaining ms    u32 packets
 * [u32 mark]    client, virtual, destination address, 4 or 16 bytes each
 * [control: u8 protocol, u8 1 for a template, u16 client port, u16 virtual port, client and virtual address]
 * [helper: u8 mode, u32 initial, u32 delta, u32 previous]    [engine: u8 length, name, u8 length, key]
 * </pre>
 *
 * Bytes a reader does not know at the end of a record are skipped, so fields can be added there.
 */
public final class SyncFormat {
    /** The longest record. */
    public static final int MAX_RECORD = 38 + 36 + 4 + 6 + 32 + 13 + 2 + 2 * 255;

    private static final int IPV6 = 1;
    private static final int OTHER_FAMILY = 2;
    private static final int MARK = 4;
    private static final int CONTROL = 8;
    private static final int HELPER = 16;
    private static final int ENGINE = 32;

    private static final int FIXED = 26;
    private static final int LONGEST_TEXT = 255;

    private SyncFormat() {}

    /** Writes a record at the buffer's position; there have to be {@link #MAX_RECORD} bytes left. Texts longer than 255 bytes are left out. */
    public static void write(SyncRecord record, ByteBuffer to) {
        int start = to.position();
        boolean engine = !record.engine.isEmpty()
                && record.engine.length() <= LONGEST_TEXT
                && record.engineKey.length() <= LONGEST_TEXT;
        to.putShort((short) 0);
        to.put((byte) ((record.ipv6 ? IPV6 : 0)
                | (record.otherFamily ? OTHER_FAMILY : 0)
                | (record.mark != 0 ? MARK : 0)
                | (record.controlled ? CONTROL : 0)
                | (record.helped ? HELPER : 0)
                | (engine ? ENGINE : 0)));
        to.put((byte) record.protocol);
        to.put((byte) record.state);
        to.put((byte) 0);
        to.putShort((short) (record.flags & SyncRecord.TOLD_FLAGS));
        to.putShort((short) record.clientPort);
        to.putShort((short) record.virtualPort);
        to.putShort((short) record.destinationPort);
        to.putInt(record.timeoutMillis);
        to.putInt(record.remainingMillis);
        to.putInt(record.inPackets);
        if (record.mark != 0) {
            to.putInt(record.mark);
        }
        address(to, record.ipv6, record.clientHigh, record.clientLow);
        address(to, record.ipv6, record.virtualHigh, record.virtualLow);
        address(to, record.isDestinationIpv6(), record.destinationHigh, record.destinationLow);
        if (record.controlled) {
            to.put((byte) record.controlProtocol);
            to.put((byte) (record.controlTemplate ? 1 : 0));
            to.putShort((short) record.controlClientPort);
            to.putShort((short) record.controlVirtualPort);
            address(to, record.ipv6, record.controlClientHigh, record.controlClientLow);
            address(to, record.ipv6, record.controlVirtualHigh, record.controlVirtualLow);
        }
        if (record.helped) {
            to.put((byte) record.helperMode);
            to.putInt(record.shiftInitial);
            to.putInt(record.shiftDelta);
            to.putInt(record.shiftPrevious);
        }
        if (engine) {
            text(to, record.engine);
            text(to, record.engineKey);
        }
        to.putShort(start, (short) (to.position() - start));
    }

    private static void address(ByteBuffer to, boolean ipv6, long high, long low) {
        if (ipv6) {
            to.putLong(high);
            to.putLong(low);
        } else {
            to.putInt((int) low);
        }
    }

    private static void text(ByteBuffer to, String text) {
        to.put((byte) text.length());
        for (int i = 0; i < text.length(); i++) {
            to.put((byte) text.charAt(i));
        }
    }

    /**
     * Reads the record at the buffer's position and goes behind it.
     *
     * @return false when what is there is no record; then the position means nothing and the rest can't be read either
     */
    public static boolean read(ByteBuffer from, SyncRecord record) {
        if (from.remaining() < FIXED) {
            return false;
        }
        int start = from.position();
        int length = from.getShort() & 0xffff;
        if (length < FIXED || length > from.remaining() + Short.BYTES) {
            return false;
        }
        int outerLimit = from.limit();
        from.limit(start + length);
        boolean read = fields(from, record);
        from.limit(outerLimit);
        from.position(start + length);
        return read;
    }

    private static boolean fields(ByteBuffer from, SyncRecord record) {
        record.clear();
        int form = from.get();
        record.ipv6 = (form & IPV6) != 0;
        record.otherFamily = (form & OTHER_FAMILY) != 0;
        record.protocol = from.get() & 0xff;
        record.state = from.get() & 0xff;
        byte _ = from.get();
        record.flags = from.getShort() & SyncRecord.TOLD_FLAGS;
        record.clientPort = from.getShort() & 0xffff;
        record.virtualPort = from.getShort() & 0xffff;
        record.destinationPort = from.getShort() & 0xffff;
        record.timeoutMillis = from.getInt();
        record.remainingMillis = from.getInt();
        record.inPackets = from.getInt();
        int needed = ((form & MARK) != 0 ? 4 : 0)
                + 2 * bytes(record.ipv6)
                + bytes(record.isDestinationIpv6())
                + ((form & CONTROL) != 0 ? 6 + 2 * bytes(record.ipv6) : 0)
                + ((form & HELPER) != 0 ? 13 : 0);
        if (from.remaining() < needed || record.timeoutMillis < 0 || record.remainingMillis < 0) {
            return false;
        }
        record.mark = (form & MARK) != 0 ? from.getInt() : 0;
        record.clientHigh = high(from, record.ipv6);
        record.clientLow = low(from, record.ipv6);
        record.virtualHigh = high(from, record.ipv6);
        record.virtualLow = low(from, record.ipv6);
        record.destinationHigh = high(from, record.isDestinationIpv6());
        record.destinationLow = low(from, record.isDestinationIpv6());
        if ((form & CONTROL) != 0) {
            control(from, record);
        }
        if ((form & HELPER) != 0) {
            record.helped = true;
            record.helperMode = from.get() & 0xff;
            record.shiftInitial = from.getInt();
            record.shiftDelta = from.getInt();
            record.shiftPrevious = from.getInt();
        }
        return (form & ENGINE) == 0 || engine(from, record);
    }

    private static void control(ByteBuffer from, SyncRecord record) {
        record.controlled = true;
        record.controlProtocol = from.get() & 0xff;
        record.controlTemplate = from.get() != 0;
        record.controlClientPort = from.getShort() & 0xffff;
        record.controlVirtualPort = from.getShort() & 0xffff;
        record.controlClientHigh = high(from, record.ipv6);
        record.controlClientLow = low(from, record.ipv6);
        record.controlVirtualHigh = high(from, record.ipv6);
        record.controlVirtualLow = low(from, record.ipv6);
    }

    private static boolean engine(ByteBuffer from, SyncRecord record) {
        String[] texts = new String[2];
        for (int i = 0; i < texts.length; i++) {
            if (!from.hasRemaining()) {
                return false;
            }
            byte[] bytes = new byte[from.get() & 0xff];
            if (from.remaining() < bytes.length) {
                return false;
            }
            from.get(bytes);
            texts[i] = new String(bytes, StandardCharsets.ISO_8859_1);
        }
        record.engine = texts[0];
        record.engineKey = texts[1];
        return true;
    }

    private static int bytes(boolean ipv6) {
        return ipv6 ? 16 : 4;
    }

    private static long high(ByteBuffer from, boolean ipv6) {
        return ipv6 ? from.getLong() : 0;
    }

    private static long low(ByteBuffer from, boolean ipv6) {
        return ipv6 ? from.getLong() : from.getInt() & 0xffffffffL;
    }
}
