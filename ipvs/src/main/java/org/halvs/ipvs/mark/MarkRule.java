package org.halvs.ipvs.mark;

import java.util.Optional;
import org.halvs.linux.IpAddress;

/**
 * Packets that get a mark, and which one.
 *
 * @param protocol the number in the IP header, 1 to 255; 0 for every protocol
 * @param destination the network packets go to; bits behind the prefix are ignored
 * @param source the network packets come from, of the same family
 * @param firstPort the lowest destination port; 0 with {@code lastPort} 65535 for every one, then also protocols without ports match
 * @param lastPort the highest destination port, 65535 at most
 * @param interfaceName where packets come in; a name that ends in {@code +} stands for all that begin so; empty for everywhere
 * @param clear bits of the mark that are cleared first
 * @param flip bits that are then inverted; for a mark to be set, {@code clear} is 4294967295 and this the mark
 */
public record MarkRule(
        int protocol,
        Network destination,
        Network source,
        int firstPort,
        int lastPort,
        Optional<String> interfaceName,
        long clear,
        long flip) {
    private static final long ALL = 0xffffffffL;

    public MarkRule {
        if (protocol < 0 || protocol > 255) {
            throw new IllegalArgumentException("protocol " + protocol);
        }
        if (firstPort < 0 || firstPort > lastPort || lastPort > 65535) {
            throw new IllegalArgumentException("ports " + firstPort + " to " + lastPort);
        }
        if ((clear & ~ALL) != 0 || (flip & ~ALL) != 0) {
            throw new IllegalArgumentException("a mark has 32 bits");
        }
        if (destination.address().family() != source.address().family()) {
            throw new IllegalArgumentException("from " + source + " to " + destination);
        }
    }

    /** A network by any of its addresses and the length of its prefix. */
    public record Network(IpAddress address, int prefixLength) {
        public Network {
            if (prefixLength < 0 || prefixLength > address.family().bits()) {
                throw new IllegalArgumentException("prefix length " + prefixLength + " of " + address);
            }
        }

        /** Every address of a family. */
        public static Network all(IpAddress.Family family) {
            return new Network(family == IpAddress.Family.IPV4 ? IpAddress.ANY_IPV4 : IpAddress.ANY_IPV6, 0);
        }

        /** Whether an address belongs to the network; one of the other family does not. */
        public boolean contains(IpAddress other) {
            if (other.family() != address.family()) {
                return false;
            }
            byte[] mine = address.bytes();
            byte[] its = other.bytes();
            for (int bit = 0; bit < prefixLength; bit++) {
                int mask = 0x80 >> bit % 8;
                if ((mine[bit / 8] & mask) != (its[bit / 8] & mask)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public String toString() {
            return address + "/" + prefixLength;
        }
    }

    /** Sets {@code mark} (1 to 4294967295) on packets of a protocol to a network and a range of ports, from anywhere. */
    public static MarkRule of(int protocol, Network destination, int firstPort, int lastPort, long mark) {
        Network anywhere = Network.all(destination.address().family());
        return new MarkRule(protocol, destination, anywhere, firstPort, lastPort, Optional.empty(), ALL, mark);
    }

    /** Whether packets of every port, and without any, match. */
    boolean everyPort() {
        return firstPort == 0 && lastPort == 65535;
    }
}
