package org.halvs.ipvs.forward;

import java.lang.foreign.MemorySegment;
import org.halvs.ipvs.packet.Checksum;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.ipvs.packet.Wire;

/**
 * How far the sequence numbers of one direction are shifted because a helper made a payload longer or shorter ({@code struct ip_vs_seq}). Data
 * before {@link #initial} is shifted by {@link #previous}, data after it by {@link #delta}.
 */
final class SequenceShift {
    private static final int END_OF_OPTIONS = 0;
    private static final int NO_OPERATION = 1;
    /** Selective acknowledgements (RFC 2018). */
    private static final int SELECTIVE = 5;

    long initial;
    int delta;
    int previous;

    boolean isActive() {
        return delta != 0 || previous != 0;
    }

    /** A payload that begins at {@code sequence} changed its length. */
    void changed(long sequence, int by) {
        if (delta == previous || (int) (sequence - initial) > 0) {
            previous = delta;
            delta += by;
            initial = sequence;
        }
    }

    /** Shifts the sequence number of a packet of this direction. */
    void shiftSequence(PacketView packet) {
        long sequence = Tcp.sequence(packet.segment, packet.l4);
        int by = (int) (sequence - initial) > 0 ? delta : previous;
        replace(packet.segment, packet.l4, 4, sequence, sequence + by);
    }

    /** Shifts back the acknowledgement of a packet of the other direction, selective ones as well ({@code nf_ct_seq_adjust}). */
    void shiftAcknowledgement(PacketView packet) {
        MemorySegment s = packet.segment;
        long acknowledged = Tcp.acknowledgement(s, packet.l4);
        replace(s, packet.l4, 8, acknowledged, original(acknowledged));
        int end = Math.min(Tcp.headerLength(s, packet.l4), packet.transportLength());
        int at = Tcp.HEADER;
        while (at + 1 < end) {
            int option = Wire.u8(s, packet.l4 + at);
            int length = option == NO_OPERATION ? 1 : Wire.u8(s, packet.l4 + at + 1);
            if (option == END_OF_OPTIONS || length < 1 || option != NO_OPERATION && length < 2 || at + length > end) {
                return;
            }
            if (option == SELECTIVE) {
                for (int edge = at + 2; edge + 4 <= at + length; edge += 4) {
                    replaceAnywhere(s, packet.l4, edge);
                }
            }
            at += length;
        }
    }

    /** The number the sender of this direction knows for one its receiver has told. */
    private long original(long told) {
        return told - ((int) (told - previous - initial) > 0 ? delta : previous);
    }

    /** Edges of selective acknowledgements stand at odd places, too: there each byte counts in the other half of a word of the checksum. */
    private void replaceAnywhere(MemorySegment s, long l4, int field) {
        long before = Wire.u32(s, l4 + field);
        long after = original(before) & 0xffffffffL;
        if (field % 2 == 0) {
            replace(s, l4, field, before, after);
        } else if (before != after) {
            Wire.put32(s, l4 + field, (int) after);
            int checksum = Wire.u16(s, l4 + Tcp.CHECKSUM);
            long change = Checksum.change(swapped(before), swapped(after));
            Wire.put16(s, l4 + Tcp.CHECKSUM, Checksum.update(checksum, change));
        }
    }

    private static long swapped(long word) {
        return (word & 0x00ff00ffL) << 8 | word >>> 8 & 0x00ff00ffL;
    }

    private static void replace(MemorySegment s, long l4, int field, long before, long after) {
        if (before != after) {
            Wire.put32(s, l4 + field, (int) after);
            int checksum = Wire.u16(s, l4 + Tcp.CHECKSUM);
            Wire.put16(s, l4 + Tcp.CHECKSUM, Checksum.update(checksum, Checksum.change(before, after & 0xffffffffL)));
        }
    }
}
