package org.halvs.resource.address;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.halvs.linux.InterfaceAddress;
import org.halvs.linux.Link;

/**
 * How a host differs from what it holds: addresses that are gone, and addresses whose place the network may no longer
 * know. Pure.
 *
 * @param missing are not on their interface, which is up
 * @param moved are there, but their MAC, interface or way through the network is another one than before
 */
record AddressDrift(List<Placed> missing, List<Placed> moved) {
    AddressDrift {
        missing = List.copyOf(missing);
        moved = List.copyOf(moved);
    }

    /**
     * A held address.
     *
     * @param link its interface as it was when the address was put or seen there last; empty while there is none
     */
    record Placed(FloatingAddress address, Optional<Link> link) {

        Placed seenOn(Optional<Link> now) {
            return new Placed(address, now);
        }
    }

    /**
     * Compares.
     *
     * @param notified interfaces of which the kernel said that their neighbours should be told
     */
    static AddressDrift of(Collection<Placed> held, HostNetwork now, Set<Integer> notified) {
        List<Placed> missing = new ArrayList<>();
        List<Placed> moved = new ArrayList<>();
        for (Placed placed : held) {
            Optional<Link> link = now.link(placed.address().device());
            if (link.isEmpty() || !link.get().up()) {
                continue; // nothing can be put there; that the interface is gone is told by LinkWatch
            }
            if (!isThere(placed.address(), link.get(), now)) {
                missing.add(placed);
            } else if (hasMoved(placed, link.get(), notified)) {
                moved.add(placed);
            }
        }
        return new AddressDrift(missing, moved);
    }

    private static boolean isThere(FloatingAddress address, Link link, HostNetwork now) {
        return now.copiesOf(address.address()).stream()
                .anyMatch(copy -> copy.linkIndex() == link.index()
                        && copy.prefixLength() == address.prefixLength()
                        && !copy.has(InterfaceAddress.DUPLICATE));
    }

    private static boolean hasMoved(Placed placed, Link link, Set<Integer> notified) {
        boolean returned = link.carrier()
                && placed.link()
                        .map(before -> !before.carrier() || !before.up())
                        .orElse(true);
        boolean other = placed.link()
                .map(before -> before.index() != link.index() || !before.mac().equals(link.mac()))
                .orElse(true);
        return returned || other || notified.contains(link.index());
    }
}
