package org.halvs.ipvs.forward;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.halvs.ipvs.packet.Ipv4;

/** Breaks frames in ways that get far into the code that reads them. */
public final class FrameMutator {
    private static final int[] OPTIONS = {0, 1, 7, 7, 68, 68, 68, 130, 131, 134, 137, 148, 30, 158};
    private static final long[] INTERESTING = {0, 1, 4, 5, 6, 8, 17, 20, 40, 41, 44, 47, 58, 127, 128, 255};

    private final RandomGenerator random;

    public FrameMutator(RandomGenerator random) {
        this.random = random;
    }

    /** A copy with a few octets changed, cut or lengthened, or with IPv4 options put in; most often with the right checksum of the IPv4 header. */
    public byte[] mutated(byte[] seed) {
        int length = random.nextInt(4) == 0 ? random.nextInt(seed.length + 40) : seed.length;
        byte[] frame = random.nextInt(4) == 0 ? withOptions(seed) : Arrays.copyOf(seed, length);
        length = frame.length;
        int changes = random.nextInt(6);
        for (int i = 0; i < changes && length > 0; i++) {
            int at = random.nextInt(3) == 0 ? random.nextInt(length) : random.nextInt(Math.min(length, 90));
            frame[at] = (byte)
                    (random.nextBoolean() ? INTERESTING[random.nextInt(INTERESTING.length)] : random.nextInt(256));
        }
        if (length > 34 && frame[12] == 8 && random.nextInt(3) > 0 && (frame[14] & 15) * 4 + 14 <= length) {
            Ipv4.writeChecksum(MemorySegment.ofArray(frame), 14);
        }
        return frame;
    }

    /** The frame with up to forty octets of IPv4 options, most of them of kinds that mean something. */
    private byte[] withOptions(byte[] seed) {
        if (seed.length < 34 || seed[12] != 8 || seed[14] != 0x45) {
            return seed.clone();
        }
        byte[] options = new byte[4 * (1 + random.nextInt(10))];
        int at = 0;
        while (at < options.length) {
            int room = options.length - at;
            int size = random.nextInt(8) == 0 ? room : 1 + random.nextInt(room);
            options[at] = (byte) OPTIONS[random.nextInt(OPTIONS.length)];
            if (size > 1) {
                options[at + 1] = (byte) (random.nextInt(10) == 0 ? random.nextInt(45) : size);
            }
            for (int octet = 2; octet < size; octet++) {
                options[at + octet] = (byte) random.nextInt(octet == 2 ? 44 : octet == 3 ? 5 : 256);
            }
            at += size;
        }
        return Frames.withOptions(seed, options);
    }
}
