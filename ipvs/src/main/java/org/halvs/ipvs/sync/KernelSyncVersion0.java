package org.halvs.ipvs.sync;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.connection.ConnectionFlag;

/**
 * Version 0 of the synchronisation protocol of the kernel ({@code sysctl sync_version=0}): IPv4 only, no marks, timeouts or engines.
 *
 * <pre>
 * u8 records   u8 syncid   u16 size
 * each:  u8 0   u8 protocol   u16 client, virtual, destination port   client, virtual, destination address   u16 flags   u16 state
 *        24 bytes of sequence numbers where the flags say so
 * </pre>
 */
public final class KernelSyncVersion0 {
    private static final int HEADER = 4;
    private static final int RECORD = 24;
    private static final int SEQUENCES = 24;
    private static final int SHIFTED = ConnectionFlag.IN_SEQUENCE | ConnectionFlag.OUT_SEQUENCE;
    private static final int MAX_RECORDS = 255;

    private KernelSyncVersion0() {}

    /** Begins a datagram in an empty buffer, whose limit is the longest datagram wanted. */
    public static void begin(ByteBuffer datagram, int syncId) {
        datagram.clear().put((byte) 0).put((byte) syncId).putShort((short) HEADER);
    }

    /** Adds a record; false when the datagram has no room for it, or the protocol no words. */
    public static boolean add(ByteBuffer datagram, SyncRecord record) {
        boolean shifted = (record.flags & SHIFTED) != 0;
        int records = datagram.get(0) & 0xff;
        if (record.ipv6
                || record.otherFamily
                || records == MAX_RECORDS
                || datagram.remaining() < RECORD + (shifted ? SEQUENCES : 0)) {
            return false;
        }
        datagram.put((byte) 0)
                .put((byte) record.protocol)
                .putShort((short) record.clientPort)
                .putShort((short) record.virtualPort)
                .putShort((short) record.destinationPort)
                .putInt((int) record.clientLow)
                .putInt((int) record.virtualLow)
                .putInt((int) record.destinationLow)
                .putShort((short) record.flags)
                .putShort((short) record.state);
        if (shifted) {
            // COMPAT: the kernel sends them as they lie in its memory
            datagram.order(ByteOrder.nativeOrder())
                    .putInt(0)
                    .putInt(0)
                    .putInt(0)
                    .putInt(record.shiftInitial)
                    .putInt(record.shiftDelta)
                    .putInt(record.shiftPrevious)
                    .order(ByteOrder.BIG_ENDIAN);
        }
        datagram.put(0, (byte) (records + 1));
        datagram.putShort(2, (short) datagram.position());
        return true;
    }

    /**
     * Reads a datagram as a backup daemon does.
     *
     * @param syncId records of other masters are not read; 0 for those of all
     * @return empty for what is no datagram of this version and id; the records before one that is cut off
     */
    public static Optional<List<SyncRecord>> read(ByteBuffer datagram, int syncId) {
        ByteBuffer in = datagram.slice();
        if (in.remaining() < HEADER
                || (in.getShort(2) & 0xffff) != in.limit()
                || syncId != 0 && (in.get(1) & 0xff) != syncId) {
            return Optional.empty();
        }
        List<SyncRecord> records = new ArrayList<>();
        in.position(HEADER);
        for (int left = in.get(0) & 0xff; left > 0 && in.remaining() >= RECORD; left--) {
            SyncRecord record = new SyncRecord();
            in.get();
            record.protocol = in.get() & 0xff;
            record.clientPort = in.getShort() & 0xffff;
            record.virtualPort = in.getShort() & 0xffff;
            record.destinationPort = in.getShort() & 0xffff;
            record.clientLow = in.getInt() & 0xffffffffL;
            record.virtualLow = in.getInt() & 0xffffffffL;
            record.destinationLow = in.getInt() & 0xffffffffL;
            record.flags = in.getShort() & SyncRecord.TOLD_FLAGS;
            record.state = in.getShort() & 0xffff;
            if ((record.flags & SHIFTED) != 0) {
                if (in.remaining() < SEQUENCES) {
                    break;
                }
                in.order(ByteOrder.nativeOrder()).position(in.position() + SEQUENCES / 2);
                record.helped = true;
                record.shiftInitial = in.getInt();
                record.shiftDelta = in.getInt();
                record.shiftPrevious = in.getInt();
                in.order(ByteOrder.BIG_ENDIAN);
            }
            records.add(record);
        }
        return Optional.of(records);
    }
}
