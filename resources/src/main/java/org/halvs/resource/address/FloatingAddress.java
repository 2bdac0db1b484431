package org.halvs.resource.address;

import java.util.Optional;
import org.halvs.linux.InterfaceAddress;
import org.halvs.linux.IpAddress;

/**
 * An address that moves between directors, with all that is needed to put it on this one.
 *
 * @param prefixLength in bits, 0 to the length of an address of the family
 * @param device the interface's name
 * @param label IPv4 only: the alias name, at most 15 characters
 * @param broadcast IPv4 only; empty for none
 */
public record FloatingAddress(
        IpAddress address, int prefixLength, String device, Optional<String> label, Optional<IpAddress> broadcast) {

    /**
     * The address as the kernel is to hold it on an interface. IPv6 without duplicate detection: whether somebody else
     * has the address is asked before it is taken, and the seconds of the detection would be an outage.
     */
    InterfaceAddress on(int linkIndex) {
        InterfaceAddress own = InterfaceAddress.of(linkIndex, address, prefixLength);
        if (!address.isIpv4()) {
            return own.withFlag(InterfaceAddress.NO_DUPLICATE_DETECTION);
        }
        if (label.isPresent()) {
            own = own.withLabel(label.get());
        }
        if (broadcast.isPresent()) {
            own = own.withBroadcast(broadcast.get());
        }
        return address.isLoopback() ? own.withScope(InterfaceAddress.Scope.HOST) : own;
    }

    /** {@code 192.0.2.10/24 on eth0}. */
    @Override
    public String toString() {
        return address + "/" + prefixLength + " on " + device;
    }
}
