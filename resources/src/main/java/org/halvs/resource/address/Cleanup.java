package org.halvs.resource.address;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.linux.AddressChange;
import org.halvs.linux.AddressOutcome;
import org.halvs.linux.InterfaceAddress;
import org.halvs.linux.IpAddress;
import org.halvs.linux.LinuxException;
import org.halvs.linux.Rtnetlink;

/** Takes off what a daemon left behind that was killed: the addresses of its {@link AddressJournal}. May be repeated; only for a dead daemon. */
public final class Cleanup {
    private Cleanup() {}

    /**
     * What was done.
     *
     * @param removed were on this host and are gone
     * @param absent stood in the journal and were not on this host
     * @param failed could not be removed, with the reason; they stay in the journal
     */
    public record Report(List<FloatingAddress> removed, List<FloatingAddress> absent, List<String> failed) {}

    /** Removes every address of the journal, puts loopback copies back, and empties the journal but for what failed. */
    public static Report run(Rtnetlink rtnetlink, AddressJournal journal) {
        List<FloatingAddress> removed = new ArrayList<>();
        List<FloatingAddress> absent = new ArrayList<>();
        List<String> failed = new ArrayList<>();
        List<IpAddress> gone = new ArrayList<>();
        HostNetwork network = HostNetwork.read(rtnetlink);
        for (AddressJournal.Entry entry : journal.entries()) {
            FloatingAddress address = entry.address();
            List<AddressChange> changes = new ArrayList<>();
            for (InterfaceAddress copy : network.copiesOf(address.address())) {
                boolean ours = network.link(copy.linkIndex())
                        .filter(link -> link.name().equals(address.device()))
                        .isPresent();
                if (ours && copy.prefixLength() == address.prefixLength()) {
                    changes.add(new AddressChange.Remove(copy));
                }
            }
            boolean present = !changes.isEmpty();
            LoopbackCopy.restore(entry, network).ifPresent(changes::add);
            List<AddressOutcome> outcomes =
                    AddressChanges.apply(rtnetlink, changes, present ? rtnetlink.addresses() : List.of());
            Optional<LinuxException> error = firstError(outcomes);
            if (error.isPresent()) {
                failed.add(address + ": " + error.get().getMessage());
                continue;
            }
            gone.add(address.address());
            (present ? removed : absent).add(address);
        }
        journal.forget(gone);
        return new Report(List.copyOf(removed), List.copyOf(absent), List.copyOf(failed));
    }

    private static Optional<LinuxException> firstError(List<AddressOutcome> outcomes) {
        for (AddressOutcome outcome : outcomes) {
            if (outcome instanceof AddressOutcome.Rejected rejected) {
                return Optional.of(rejected.error());
            }
        }
        return Optional.empty();
    }
}
