package org.halvs.linux;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * One way of a routing table. A multipath route is listed as one value for each next hop.
 *
 * @param destination with all bits after the prefix zero; the default route has 0.0.0.0 or ::
 * @param prefixLength 0 to the length of an address of the family, in bits
 * @param linkIndex empty for routes that lead nowhere (blackhole and the like)
 * @param gateway empty when the destination is on the link itself; may be IPv6 for an IPv4 route
 * @param preferredSource the source address the kernel chooses for new traffic, if the route says so
 * @param metric smaller is better; 0 when the route has none
 * @param mtuBytes the largest IP packet the route is said to carry; 0 when only the interface limits
 * @param table {@link #MAIN}, {@link #LOCAL} or another table's number
 */
public record Route(
        IpAddress destination,
        int prefixLength,
        OptionalInt linkIndex,
        Optional<IpAddress> gateway,
        Optional<IpAddress> preferredSource,
        long metric,
        int mtuBytes,
        int table,
        Type type,
        InterfaceAddress.Scope scope) {

    /** The table asked last, empty on most machines. */
    public static final int DEFAULT = 253;

    /** The table of ordinary routes. */
    public static final int MAIN = 254;

    /** The table the kernel keeps itself: local and broadcast addresses. */
    public static final int LOCAL = 255;

    /** What happens to a packet that takes the route, {@code rtnetlink(7)}. */
    public enum Type {
        UNICAST,
        LOCAL,
        BROADCAST,
        ANYCAST,
        MULTICAST,
        BLACKHOLE,
        UNREACHABLE,
        PROHIBIT,
        OTHER;

        static Type of(int number) {
            return switch (number) {
                case 1 -> UNICAST;
                case 2 -> LOCAL;
                case 3 -> BROADCAST;
                case 4 -> ANYCAST;
                case 5 -> MULTICAST;
                case 6 -> BLACKHOLE;
                case 7 -> UNREACHABLE;
                case 8 -> PROHIBIT;
                default -> OTHER;
            };
        }
    }

    /** Whether the destination is reached without a gateway. */
    public boolean onLink() {
        return type == Type.UNICAST && gateway.isEmpty();
    }
}
