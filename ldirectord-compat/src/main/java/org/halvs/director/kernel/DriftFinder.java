package org.halvs.director.kernel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.ServiceKey;

/** Compares what the kernel had when this program left it with what it has now. Pure. */
final class DriftFinder {
    private DriftFinder() {}

    /** The differences, in the order of {@code left}; both tables hold this program's services only. */
    static List<Drift> between(ObservedTable left, ObservedTable found) {
        List<Drift> drift = new ArrayList<>();
        Map<ServiceKey, ObservedTable.Service> now = found.byKey();
        for (ObservedTable.Service before : left.services()) {
            ObservedTable.Service after = now.get(before.key());
            if (after == null) {
                drift.add(new Drift.ServiceRemoved(before.key()));
            } else {
                if (!before.service().equals(after.service())) {
                    drift.add(new Drift.ServiceChanged(before.key()));
                }
                servers(before, after, drift);
            }
        }
        return drift;
    }

    private static void servers(ObservedTable.Service before, ObservedTable.Service after, List<Drift> drift) {
        Map<Destination, RealServer> now = new LinkedHashMap<>();
        after.servers().forEach(server -> now.put(Destination.of(server), server));
        for (RealServer server : before.servers()) {
            RealServer found = now.remove(Destination.of(server));
            if (found == null) {
                drift.add(new Drift.ServerRemoved(before.key(), server));
            } else if (!TableDiff.sameServer(found, server)) {
                drift.add(new Drift.ServerChanged(before.key(), server, found));
            }
        }
        now.values().forEach(added -> drift.add(new Drift.ServerAdded(before.key(), added)));
    }
}
