package org.halvs.ha.runtime;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halvs.director.DirectorStatus;
import org.halvs.director.RealPlan;
import org.halvs.director.ServerName;
import org.halvs.director.ServicePlan;
import org.halvs.director.VirtualPlan;
import org.halvs.ipvs.ServiceKey;

/** What differs between the services a director has and those of a plan: a clause for each service and server. Pure. */
final class ServiceDiff {
    private ServiceDiff() {}

    /**
     * The differences: what goes, then what comes or changes, in the order of the file.
     *
     * @param where begins each clause
     */
    static List<String> of(String where, List<DirectorStatus> before, ServicePlan after) {
        List<String> changes = new ArrayList<>();
        Map<ServiceKey, VirtualPlan> now = new LinkedHashMap<>();
        after.virtuals().forEach(virtual -> now.put(virtual.service().key(), virtual));
        Map<ServiceKey, DirectorStatus> old = new LinkedHashMap<>();
        before.forEach(status -> old.put(status.service(), status));
        old.forEach((key, status) -> {
            if (!now.containsKey(key)) {
                changes.add(where + "- service " + key + servers(status.reals().size()));
            }
        });
        now.forEach((key, plan) -> {
            DirectorStatus was = old.get(key);
            if (was == null) {
                changes.add(where + "+ service " + key + servers(plan.reals().size()));
            } else {
                service(where + key + ": ", was, plan, changes);
            }
        });
        return changes;
    }

    private static String servers(int count) {
        return count == 1 ? " with 1 server" : " with " + count + " servers";
    }

    private static void service(String where, DirectorStatus before, VirtualPlan after, List<String> changes) {
        for (DirectorStatus.Real real : before.reals()) {
            if (after.reals().stream().noneMatch(now -> ServerName.of(now).equals(real.server()))) {
                changes.add(where + "- server " + real.server().listed());
            }
        }
        for (RealPlan real : after.reals()) {
            ServerName name = ServerName.of(real);
            Optional<DirectorStatus.Real> was =
                    before.reals().stream().filter(r -> r.server().equals(name)).findFirst();
            int weight = real.server().weight();
            if (was.isEmpty()) {
                changes.add(where + "+ server " + name.listed() + " weight " + weight);
            } else if (was.get().fullWeight() != weight) {
                changes.add(where + "server " + name.listed() + " weight "
                        + was.get().fullWeight() + " -> " + weight);
            }
        }
    }
}
