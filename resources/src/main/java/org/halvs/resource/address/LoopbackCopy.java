package org.halvs.resource.address;

import java.util.Optional;
import org.halvs.linux.AddressChange;
import org.halvs.linux.InterfaceAddress;
import org.halvs.linux.Link;

/** The address a real server keeps on its loopback, put back when the host is no longer the director that holds it. */
final class LoopbackCopy {
    private LoopbackCopy() {}

    /** The change that restores it; empty when there was none. */
    static Optional<AddressChange> restore(AddressJournal.Entry entry, HostNetwork network) {
        if (!entry.loopbackCopy()) {
            return Optional.empty();
        }
        InterfaceAddress.Scope scope = InterfaceAddress.Scope.GLOBAL;
        return network.links().stream()
                .filter(Link::loopback)
                .findFirst()
                .map(lo -> InterfaceAddress.of(
                                lo.index(),
                                entry.address().address(),
                                entry.address().address().family().bits())
                        .withScope(scope))
                .map(copy -> entry.loopbackLabel().map(copy::withLabel).orElse(copy))
                .map(AddressChange.Add::new);
    }
}
