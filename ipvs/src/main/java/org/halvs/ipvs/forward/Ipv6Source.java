package org.halvs.ipvs.forward;

import java.util.List;
import java.util.Optional;
import org.halvs.linux.IpAddress;

/**
 * Which of an interface's addresses a packet of the director's own has for a source (RFC 6724 section 5, {@code ipv6_get_saddr_eval}): one that
 * reaches as far as the destination, of the same kind, with the longest prefix in common; the kernel's first where several are alike.
 */
final class Ipv6Source {
    private static final int WORD = Long.SIZE;

    private Ipv6Source() {}

    static Optional<IpAddress> choose(List<NetworkView.InterfaceAddress> addresses, IpAddress destination) {
        NetworkView.InterfaceAddress best = null;
        for (NetworkView.InterfaceAddress each : addresses) {
            // a link-local address is never a global packet's source
            boolean reaches = !isLinkLocal(each.address()) || isLinkLocal(destination);
            if (!each.address().isIpv4() && reaches && (best == null || isBetter(each, best, destination))) {
                best = each;
            }
        }
        return Optional.ofNullable(best).map(NetworkView.InterfaceAddress::address);
    }

    private static boolean isBetter(
            NetworkView.InterfaceAddress one, NetworkView.InterfaceAddress other, IpAddress destination) {
        int difference = Boolean.compare(
                one.address().equals(destination), other.address().equals(destination));
        if (difference == 0) {
            difference = Boolean.compare(
                    isLinkLocal(one.address()) == isLinkLocal(destination),
                    isLinkLocal(other.address()) == isLinkLocal(destination));
        }
        if (difference == 0) {
            difference = Boolean.compare(
                    isUniqueLocal(one.address()) == isUniqueLocal(destination),
                    isUniqueLocal(other.address()) == isUniqueLocal(destination));
        }
        if (difference == 0) {
            difference = Integer.compare(common(one, destination), common(other, destination));
        }
        return difference > 0;
    }

    /** How many bits an address has in common with another one, no more than its network has. */
    private static int common(NetworkView.InterfaceAddress own, IpAddress destination) {
        IpAddress address = own.address();
        int bits = address.high() == destination.high()
                ? WORD + Long.numberOfLeadingZeros(address.low() ^ destination.low())
                : Long.numberOfLeadingZeros(address.high() ^ destination.high());
        return Math.min(bits, own.prefixLength());
    }

    private static boolean isLinkLocal(IpAddress address) {
        return address.high() >>> 54 == 0xfe80 >>> 6;
    }

    /** The labels of RFC 6724 in use today: fc00::/7 has one of its own (RFC 4193). */
    private static boolean isUniqueLocal(IpAddress address) {
        return address.high() >>> 57 == 0xfc >>> 1;
    }
}
