package org.halvs.resource.address;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.halvs.linux.AddressChange;
import org.halvs.linux.InterfaceAddress;
import org.halvs.linux.IpAddress;
import org.halvs.linux.Link;

/** What to change so that an address is on this host, in its one right place, or nowhere. Pure. */
final class AddressPlan {
    private AddressPlan() {}

    /** What has to be done for one address. */
    sealed interface Step {

        /**
         * Take it.
         *
         * @param add the address in its place
         * @param before to remove first: a copy in the right place that IPv6 duplicate detection has put out of use
         * @param after to remove then: copies on other interfaces, or with another prefix
         * @param loopbackCopy the copy on the loopback, one of {@code after}, that is put back on release
         */
        record Take(
                AddressRequest request,
                FloatingAddress address,
                Link link,
                AddressChange.Add add,
                List<AddressChange> before,
                List<AddressChange> after,
                Optional<InterfaceAddress> loopbackCopy)
                implements Step {}

        /** It can't be taken. */
        record Impossible(AddressRequest request, String message) implements Step {}
    }

    static List<Step> take(List<AddressRequest> requests, HostNetwork network) {
        AddressResolution resolution = new AddressResolution(network);
        List<Step> steps = new ArrayList<>(requests.size());
        for (AddressRequest request : requests) {
            steps.add(
                    switch (resolution.resolve(request)) {
                        case AddressResolution.Resolved.Address(FloatingAddress address) ->
                            take(request, address, network);
                        case AddressResolution.Resolved.Unresolved(String message) ->
                            new Step.Impossible(request, message);
                    });
        }
        return steps;
    }

    private static Step take(AddressRequest request, FloatingAddress address, HostNetwork network) {
        Link link = network.link(address.device()).orElseThrow();
        List<AddressChange> before = new ArrayList<>();
        List<AddressChange> after = new ArrayList<>();
        Optional<InterfaceAddress> loopbackCopy = Optional.empty();
        for (InterfaceAddress copy : network.copiesOf(address.address())) {
            if (copy.linkIndex() == link.index() && copy.prefixLength() == address.prefixLength()) {
                if (copy.has(InterfaceAddress.DUPLICATE)) {
                    before.add(new AddressChange.Remove(copy));
                }
            } else if (isLoopbackCopy(copy, network)) {
                // COMPAT: the scripts run with lvs_support: as a real server the host holds the address on lo, as its
                // director it must not
                loopbackCopy = Optional.of(copy);
                after.add(new AddressChange.Remove(copy));
            } else if (isElsewhere(copy, network)) {
                after.add(new AddressChange.Remove(copy));
            }
        }
        return new Step.Take(
                request, address, link, new AddressChange.Add(address.on(link.index())), before, after, loopbackCopy);
    }

    /**
     * What to remove so that the host no longer answers for the address: all copies, also those with another prefix or
     * on another interface, so that a change of the configuration leaves nothing behind.
     *
     * @param device where the address belongs, as far as that is known
     */
    static List<AddressChange> give(IpAddress address, Optional<String> device, HostNetwork network) {
        List<AddressChange> removals = new ArrayList<>();
        for (InterfaceAddress copy : network.copiesOf(address)) {
            boolean here = device.isPresent()
                    && device.equals(network.link(copy.linkIndex()).map(Link::name));
            if (here || isElsewhere(copy, network)) {
                removals.add(new AddressChange.Remove(copy));
            }
        }
        return removals;
    }

    /**
     * What a real server keeps on the loopback so that it accepts packets for the address: a single address, not a
     * network.
     */
    private static boolean isLoopbackCopy(InterfaceAddress copy, HostNetwork network) {
        return copy.prefixLength() == copy.address().family().bits()
                && network.link(copy.linkIndex()).map(Link::loopback).orElse(false);
    }

    /**
     * On an interface where others ask for it by ARP. Loopback, dummy devices and tunnels hold addresses for the host
     * itself: a real server keeps the address on {@code tunl0}, for instance.
     */
    private static boolean isElsewhere(InterfaceAddress copy, HostNetwork network) {
        return network.link(copy.linkIndex())
                .map(link ->
                        link.hardwareType() == Link.ETHERNET && !link.kind().equals(Optional.of("dummy")))
                .orElse(true);
    }

    /**
     * The addresses that went although nobody asked: the kernel removes the other addresses of a network together with
     * the first one, unless {@code promote_secondaries} is set.
     */
    static List<AddressChange> collateral(
            List<InterfaceAddress> before, List<AddressChange> changes, List<InterfaceAddress> after) {
        Set<Place> there = new LinkedHashSet<>();
        after.forEach(own -> there.add(Place.of(own)));
        Set<Place> asked = new LinkedHashSet<>();
        for (AddressChange change : changes) {
            if (change instanceof AddressChange.Remove(InterfaceAddress address)) {
                asked.add(Place.of(address));
            }
        }
        List<AddressChange> restore = new ArrayList<>();
        for (InterfaceAddress own : before) {
            Place place = Place.of(own);
            if (own.has(InterfaceAddress.SECONDARY) && !there.contains(place) && !asked.contains(place)) {
                restore.add(new AddressChange.Add(own));
            }
        }
        return restore;
    }

    /** What makes an address of an interface the one it is. */
    private record Place(int linkIndex, IpAddress address, int prefixLength) {

        static Place of(InterfaceAddress own) {
            return new Place(own.linkIndex(), own.address(), own.prefixLength());
        }
    }
}
