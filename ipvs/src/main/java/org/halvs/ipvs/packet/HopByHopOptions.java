package org.halvs.ipvs.packet;

import java.lang.foreign.MemorySegment;

/**
 * The options of an IPv6 packet that every hop looks at (RFC 8200 sections 4.2 and 4.3), which Linux checks before anything else sees the packet
 * ({@code ipv6_parse_hopopts}).
 */
public final class HopByHopOptions {
    private static final int PAD_1 = 0;
    private static final int PAD_N = 1;
    private static final int ROUTER_ALERT = 5;
    private static final int CALIPSO = 7;
    private static final int IOAM = 49;
    private static final int JUMBO = 0xc2;

    /** Padding aligns to eight octets, so no more is ever needed. */
    private static final int MOST_PADDING = 7;
    /** The default of {@code net.ipv6.max_hbh_opts_number}. */
    private static final int MOST_OPTIONS = 8;

    private HopByHopOptions() {}

    /**
     * Whether a packet has such options and the kernel refuses it for them; where they ask for it, it then tells the sender.
     *
     * @param at where the IPv6 header begins; a hop-by-hop header behind it is all there
     */
    public static boolean areRefused(MemorySegment s, long at) {
        if (Ipv6.nextHeader(s, at) != Ipv6.HOP_BY_HOP) {
            return false;
        }
        int option = Ipv6.HEADER + 2;
        int end = Ipv6.HEADER + (Wire.u8(s, at + Ipv6.HEADER + 1) + 1) * 8;
        int padding = 0;
        int options = 0;
        while (option < end) {
            int kind = Wire.u8(s, at + option);
            int size = kind == PAD_1 ? 1 : end - option < 2 ? Integer.MAX_VALUE : Wire.u8(s, at + option + 1) + 2;
            if (size > end - option) {
                return true;
            }
            if (kind == PAD_1 || kind == PAD_N) {
                padding += size;
                if (padding > MOST_PADDING || !isZero(s, at + option + 2, size - 2)) {
                    return true;
                }
            } else {
                padding = 0;
                options++;
                if (options > MOST_OPTIONS || !isAccepted(kind, size, option)) {
                    return true;
                }
            }
            option += size;
        }
        return false;
    }

    private static boolean isAccepted(int kind, int size, int at) {
        return switch (kind) {
            case ROUTER_ALERT -> size == 4;
            case IOAM -> at % 4 == 0;
            // A label is of a domain the kernel knows none of unless netlabelctl has told it; longer packets than the
            // length field of IPv6 can say are none of ours.
            case CALIPSO, JUMBO -> false;
            // The upper two bits say what to do with an option nobody knows: 0 is to go on.
            default -> kind >>> 6 == 0;
        };
    }

    private static boolean isZero(MemorySegment s, long at, int octets) {
        for (int i = 0; i < octets; i++) {
            if (Wire.u8(s, at + i) != 0) {
                return false;
            }
        }
        return true;
    }
}
