package org.halvs.ha.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.director.kernel.Drift;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.RealServer;

/** What an operator's edit means for a service that a director keeps. Pure. */
final class TableEdit {
    private TableEdit() {}

    /** The servers that were removed from {@code before}; empty when something else was changed too. */
    static Optional<List<Drift.ServerRemoved>> removals(
            ForwardingTable.Entry before, Optional<ForwardingTable.Entry> after) {
        if (after.isEmpty() || !after.get().service().equals(before.service())) {
            return Optional.empty();
        }
        List<Drift.ServerRemoved> removed = new ArrayList<>();
        int same = 0;
        for (RealServer server : before.servers()) {
            Optional<RealServer> now = after.get().server(server);
            if (now.isEmpty()) {
                removed.add(new Drift.ServerRemoved(before.service().key(), server));
            } else if (now.get().equals(server)) {
                same++;
            } else {
                return Optional.empty();
            }
        }
        return same == after.get().servers().size() ? Optional.of(removed) : Optional.empty();
    }
}
