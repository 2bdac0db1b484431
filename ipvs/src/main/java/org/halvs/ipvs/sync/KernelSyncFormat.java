package org.halvs.ipvs.sync;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.connection.ConnectionFlag;

/**
 * Version 1 of the synchronisation protocol of the kernel ({@code net/netfilter/ipvs/ip_vs_sync.c}): datagrams of records, as a master daemon sends
 * them by multicast. It tells no time left, no packets and no template a connection belongs to, and knows no mixed address families.
 *
 * <pre>
 * u8 0   u8 syncid   u16 size   u8 records   u8 version 1   u16 0
 * each:  u8 type (1 for IPv6)   u8 protocol   u16 size   u32 flags   u16 state   u16 client, virtual, destination port
 *        u32 mark   u32 timeout s   client, virtual, destination address   options: u8 type, u8 length, data
 * </pre>
 */
public final class KernelSyncFormat {
    private static final int HEADER = 8;
    private static final int VERSION = 1;
    private static final int IPV6 = 1;
    private static final int FIXED = 24;
    private static final int SIZE = 0xfff;
    private static final int MAX_RECORDS = 255;

    private static final int SEQUENCE = 1;
    private static final int ENGINE_DATA = 2;
    private static final int ENGINE_NAME = 3;
    /** An option that may be skipped by who does not know it. */
    private static final int OPTIONAL = 0x40;

    private static final int SEQUENCE_BYTES = 24;
    private static final int LONGEST_NAME = 16;
    private static final int SECOND = 1000;

    private KernelSyncFormat() {}

    /** Begins a datagram in an empty buffer, whose limit is the longest datagram wanted. */
    public static void begin(ByteBuffer datagram, int syncId) {
        datagram.clear()
                .put((byte) 0)
                .put((byte) syncId)
                .putShort((short) 0)
                .put((byte) 0)
                .put((byte) VERSION)
                .putShort((short) 0);
    }

    /** Adds a record; false when the datagram has no room for it, or the protocol no words. */
    public static boolean add(ByteBuffer datagram, SyncRecord record) {
        int start = datagram.position() + 3 & ~3;
        int size = FIXED
                + 3 * (record.ipv6 ? 16 : 4)
                + (record.helped ? 2 + SEQUENCE_BYTES : 0)
                + (record.engine.isEmpty() ? 0 : 4 + record.engineKey.length() + record.engine.length());
        int records = datagram.get(4) & 0xff;
        if (record.otherFamily || size > SIZE || start + size > datagram.limit() || records == MAX_RECORDS) {
            return false;
        }
        while (datagram.position() < start) {
            datagram.put((byte) 0);
        }
        datagram.put((byte) (record.ipv6 ? IPV6 : 0))
                .put((byte) record.protocol)
                .putShort((short) size)
                .putInt(record.flags)
                .putShort((short) record.state)
                .putShort((short) record.clientPort)
                .putShort((short) record.virtualPort)
                .putShort((short) record.destinationPort)
                .putInt(record.mark)
                .putInt(record.timeoutMillis / SECOND);
        put(datagram, record.ipv6, record.clientHigh, record.clientLow);
        put(datagram, record.ipv6, record.virtualHigh, record.virtualLow);
        put(datagram, record.ipv6, record.destinationHigh, record.destinationLow);
        if (record.helped) {
            // requests are never shifted here, only replies
            datagram.put((byte) SEQUENCE)
                    .put((byte) SEQUENCE_BYTES)
                    .putInt(0)
                    .putInt(0)
                    .putInt(0)
                    .putInt(record.shiftInitial)
                    .putInt(record.shiftDelta)
                    .putInt(record.shiftPrevious);
        }
        if (!record.engine.isEmpty()) {
            text(datagram, ENGINE_DATA, record.engineKey);
            text(datagram, ENGINE_NAME, record.engine);
        }
        datagram.put(4, (byte) (records + 1));
        datagram.putShort(2, (short) datagram.position());
        return true;
    }

    private static void put(ByteBuffer to, boolean ipv6, long high, long low) {
        if (ipv6) {
            to.putLong(high).putLong(low);
        } else {
            to.putInt((int) low);
        }
    }

    private static void text(ByteBuffer to, int type, String text) {
        to.put((byte) type).put((byte) text.length()).put(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /**
     * Reads a datagram as a backup daemon does.
     *
     * @param syncId records of other masters are not read; 0 for those of all
     * @return empty for what is no datagram of this version and id; the records before one that is broken
     */
    public static Optional<List<SyncRecord>> read(ByteBuffer datagram, int syncId) {
        if (datagram.remaining() < HEADER) {
            return Optional.empty();
        }
        int start = datagram.position();
        int end = datagram.limit();
        boolean ours = datagram.get(start) == 0
                && datagram.get(start + 5) == VERSION
                && datagram.getShort(start + 6) == 0
                && (datagram.getShort(start + 2) & 0xffff) == end - start
                && (syncId == 0 || (datagram.get(start + 1) & 0xff) == syncId);
        if (!ours) {
            return Optional.empty();
        }
        List<SyncRecord> records = new ArrayList<>();
        int at = start + HEADER;
        for (int left = datagram.get(start + 4) & 0xff; left > 0 && end - at >= FIXED; left--) {
            int size = datagram.getShort(at + 2) & SIZE;
            int version = datagram.getShort(at + 2) >>> 12 & 0xf;
            SyncRecord record = new SyncRecord();
            if (version != 0 || size > end - at || !read(datagram.slice(at, size), record)) {
                break;
            }
            records.add(record);
            at += size + 3 & ~3;
        }
        return Optional.of(records);
    }

    private static boolean read(ByteBuffer in, SyncRecord record) {
        if (in.limit() < FIXED) {
            return false;
        }
        record.ipv6 = (in.get(0) & IPV6) != 0;
        if (in.limit() < FIXED + 3 * (record.ipv6 ? 16 : 4)) {
            return false;
        }
        record.protocol = in.get(1) & 0xff;
        record.flags = in.getInt(4) & SyncRecord.TOLD_FLAGS;
        record.state = in.getShort(8) & 0xffff;
        record.clientPort = in.getShort(10) & 0xffff;
        record.virtualPort = in.getShort(12) & 0xffff;
        record.destinationPort = in.getShort(14) & 0xffff;
        record.mark = in.getInt(16);
        long timeout = Math.min(in.getInt(20) & 0xffffffffL, Integer.MAX_VALUE / SECOND) * SECOND;
        record.timeoutMillis = (int) timeout;
        record.remainingMillis = (int) timeout;
        in.position(FIXED);
        record.clientHigh = record.ipv6 ? in.getLong() : 0;
        record.clientLow = low(in, record.ipv6);
        record.virtualHigh = record.ipv6 ? in.getLong() : 0;
        record.virtualLow = low(in, record.ipv6);
        record.destinationHigh = record.ipv6 ? in.getLong() : 0;
        record.destinationLow = low(in, record.ipv6);
        while (in.remaining() >= 2) {
            int type = in.get();
            int length = in.get() & 0xff;
            if (length == 0 || length > in.remaining() || !option(type, in.slice(in.position(), length), record)) {
                return false;
            }
            in.position(in.position() + length);
        }
        return (record.flags & ConnectionFlag.TEMPLATE) != 0 || record.engine.isEmpty();
    }

    private static long low(ByteBuffer in, boolean ipv6) {
        return ipv6 ? in.getLong() : in.getInt() & 0xffffffffL;
    }

    private static boolean option(int type, ByteBuffer data, SyncRecord record) {
        switch (type & ~OPTIONAL) {
            case SEQUENCE -> {
                if (data.limit() != SEQUENCE_BYTES) {
                    return false;
                }
                record.helped = true;
                record.shiftInitial = data.getInt(12);
                record.shiftDelta = data.getInt(16);
                record.shiftPrevious = data.getInt(20);
                return true;
            }
            case ENGINE_DATA -> {
                record.engineKey = StandardCharsets.ISO_8859_1.decode(data).toString();
                return true;
            }
            case ENGINE_NAME -> {
                record.engine = StandardCharsets.ISO_8859_1.decode(data).toString();
                return data.limit() <= LONGEST_NAME;
            }
            default -> {
                return (type & OPTIONAL) != 0;
            }
        }
    }
}
