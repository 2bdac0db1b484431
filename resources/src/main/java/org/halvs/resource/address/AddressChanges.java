package org.halvs.resource.address;

import java.util.List;
import org.halvs.linux.AddressChange;
import org.halvs.linux.AddressOutcome;
import org.halvs.linux.InterfaceAddress;
import org.halvs.linux.Rtnetlink;

/** Makes changes of addresses without harm to others: what the kernel removes along with an address is put back at once. */
final class AddressChanges {
    private AddressChanges() {}

    static List<AddressOutcome> apply(Rtnetlink rtnetlink, List<AddressChange> changes, List<InterfaceAddress> before) {
        if (changes.isEmpty()) {
            return List.of();
        }
        List<AddressOutcome> outcomes = rtnetlink.apply(changes);
        boolean removed = changes.stream().anyMatch(AddressChange.Remove.class::isInstance);
        if (removed && before.stream().anyMatch(own -> own.has(InterfaceAddress.SECONDARY))) {
            List<AddressChange> lost = AddressPlan.collateral(before, changes, rtnetlink.addresses());
            if (!lost.isEmpty()) {
                rtnetlink.apply(lost);
            }
        }
        return outcomes;
    }
}
