package org.halvs.resource.address;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halvs.linux.AddressChange;
import org.halvs.linux.AddressOutcome;
import org.halvs.linux.InterfaceAddress;
import org.halvs.linux.IpAddress;
import org.halvs.linux.Rtnetlink;

/**
 * Takes off what a daemon left behind that was killed: the addresses of its {@link AddressJournal}. May be repeated;
 * only for a dead daemon.
 */
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

    /**
     * Removes every address of the journal in one batch, puts loopback copies back, and empties the journal but for
     * what failed.
     *
     * @throws java.io.UncheckedIOException when the journal can't be written; everything is done then but for that
     */
    public static Report run(Rtnetlink rtnetlink, AddressJournal journal) {
        HostNetwork network = HostNetwork.read(rtnetlink);
        List<Task> tasks =
                journal.entries().stream().map(entry -> task(entry, network)).toList();
        List<AddressChange> changes = new ArrayList<>();
        tasks.forEach(task -> changes.addAll(task.removals()));
        tasks.forEach(task -> task.restoration().ifPresent(changes::add));
        Map<AddressChange, AddressOutcome> outcomes = new LinkedHashMap<>();
        AddressChanges.apply(rtnetlink, changes, network).forEach(outcome -> outcomes.put(outcome.change(), outcome));

        List<FloatingAddress> removed = new ArrayList<>();
        List<FloatingAddress> absent = new ArrayList<>();
        List<String> failed = new ArrayList<>();
        List<IpAddress> gone = new ArrayList<>();
        for (Task task : tasks) {
            Optional<String> error = task.error(outcomes);
            if (error.isPresent()) {
                failed.add(task.address() + ": " + error.get());
                continue;
            }
            gone.add(task.address().address());
            (task.removals().isEmpty() ? absent : removed).add(task.address());
        }
        journal.forget(gone);
        return new Report(List.copyOf(removed), List.copyOf(absent), List.copyOf(failed));
    }

    /** What one entry of the journal needs. */
    private record Task(FloatingAddress address, List<AddressChange> removals, Optional<AddressChange> restoration) {

        Optional<String> error(Map<AddressChange, AddressOutcome> outcomes) {
            List<AddressChange> all = new ArrayList<>(removals);
            restoration.ifPresent(all::add);
            for (AddressChange change : all) {
                if (outcomes.get(change) instanceof AddressOutcome.Rejected rejected) {
                    return Optional.of(rejected.error().getMessage());
                }
            }
            return Optional.empty();
        }
    }

    /** Removed is exactly what the daemon added: this address with this prefix on this interface. */
    private static Task task(AddressJournal.Entry entry, HostNetwork network) {
        FloatingAddress address = entry.address();
        List<AddressChange> removals = new ArrayList<>();
        for (InterfaceAddress copy : network.copiesOf(address.address())) {
            boolean ours = network.link(copy.linkIndex())
                    .filter(link -> link.name().equals(address.device()))
                    .isPresent();
            if (ours && copy.prefixLength() == address.prefixLength()) {
                removals.add(new AddressChange.Remove(copy));
            }
        }
        return new Task(address, removals, LoopbackCopy.restore(entry, network));
    }
}
