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

    /** Shifts back the acknowledgement of a packet of the other direction. */
    void shiftAcknowledgement(PacketView packet) {
        long acknowledged = Tcp.acknowledgement(packet.segment, packet.l4);
        int by = (int) (acknowledged - delta - initial) > 0 ? delta : previous;
        replace(packet.segment, packet.l4, 8, acknowledged, acknowledged - by);
    }

    private static void replace(MemorySegment s, long l4, int field, long before, long after) {
        if (before != after) {
            Wire.put32(s, l4 + field, (int) after);
            int checksum = Wire.u16(s, l4 + Tcp.CHECKSUM);
            Wire.put16(s, l4 + Tcp.CHECKSUM, Checksum.update(checksum, Checksum.change(before, after & 0xffffffffL)));
        }
    }
}
