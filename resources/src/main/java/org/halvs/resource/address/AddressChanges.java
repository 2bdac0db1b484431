package org.halvs.resource.address;

import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import org.halvs.linux.AddressChange;
import org.halvs.linux.AddressOutcome;
import org.halvs.linux.InterfaceAddress;
import org.halvs.linux.IpAddress;
import org.halvs.linux.LinuxException;
import org.halvs.linux.Route;
import org.halvs.linux.Rtnetlink;

/**
 * Makes changes of addresses without harm to others. The kernel removes along with an address: the other addresses of
 * its network when it was the first one (put back at once here), and every route that prefers it as source, the default
 * route for instance (told before to prefer none).
 */
final class AddressChanges {
    private static final System.Logger LOG = System.getLogger(AddressChanges.class.getName());

    private AddressChanges() {}

    /**
     * Makes the changes.
     *
     * @param before the host as it is
     */
    static List<AddressOutcome> apply(Rtnetlink rtnetlink, List<AddressChange> changes, HostNetwork before) {
        if (changes.isEmpty()) {
            return List.of();
        }
        for (Route route : before.gatewayRoutes()) {
            if (route.preferredSource()
                    .filter(source -> leaves(source, changes))
                    .isPresent()) {
                preferNone(rtnetlink, route);
            }
        }
        List<AddressOutcome> outcomes = rtnetlink.apply(changes);
        boolean removed = changes.stream().anyMatch(AddressChange.Remove.class::isInstance);
        if (removed && before.addresses().stream().anyMatch(own -> own.has(InterfaceAddress.SECONDARY))) {
            List<AddressChange> lost = AddressPlan.collateral(before.addresses(), changes, rtnetlink.addresses());
            if (!lost.isEmpty()) {
                rtnetlink.apply(lost);
            }
        }
        return outcomes;
    }

    /** Whether the address is removed and not added somewhere else. */
    private static boolean leaves(IpAddress source, List<AddressChange> changes) {
        boolean removed = false;
        for (AddressChange change : changes) {
            if (change.address().address().equals(source)) {
                switch (change) {
                    case AddressChange.Add _ -> {
                        return false;
                    }
                    case AddressChange.Remove _ -> removed = true;
                }
            }
        }
        return removed;
    }

    private static void preferNone(Rtnetlink rtnetlink, Route route) {
        try {
            rtnetlink.preferSource(route, Optional.empty());
        } catch (LinuxException e) {
            LOG.log(Level.WARNING, "A route that prefers an address about to go may go with it: {0}", e.getMessage());
        }
    }
}
