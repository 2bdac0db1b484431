package org.halvs.director.kernel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;

/**
 * The command lines that make one table of another. Pure.
 *
 * <p>The order is ldirectord's: all services first, then the servers of each in turn, services that go last, each after its servers with a
 * weight. Within a service whatever takes on load comes before whatever sheds it, so that there is no moment without a server; ldirectord took
 * the last server out before it put the fallback in. Servers are added oldest first, which gives the kernel the order of the desired table.
 */
final class TableDiff {
    private TableDiff() {}

    /**
     * @param observed what stands in the kernel
     * @param ours the services this program has put there; only these are ever removed
     */
    static List<List<String>> commands(ForwardingTable desired, ObservedTable observed, Set<ServiceKey> ours) {
        List<List<String>> commands = new ArrayList<>();
        Map<ServiceKey, ObservedTable.Service> there = observed.byKey();
        for (ForwardingTable.Entry entry : desired.entries()) {
            Optional<ObservedTable.Service> found =
                    Optional.ofNullable(there.get(entry.service().key()));
            if (found.isEmpty()) {
                commands.add(CommandText.addService(entry.service()));
            } else if (!sameService(found.get().service(), entry.service())) {
                commands.add(CommandText.editService(entry.service()));
            }
        }
        for (ForwardingTable.Entry entry : desired.entries()) {
            Optional<ObservedTable.Service> found =
                    Optional.ofNullable(there.get(entry.service().key()));
            commands.addAll(
                    servers(entry, found.map(ObservedTable.Service::servers).orElse(List.of())));
        }
        for (ObservedTable.Service service : observed.services()) {
            if (ours.contains(service.key()) && desired.entry(service.key()).isEmpty()) {
                for (RealServer server : service.servers()) {
                    if (server.weight() > 0) {
                        commands.add(CommandText.deleteServer(service.key(), server));
                    }
                }
                commands.add(CommandText.deleteService(service.key()));
            }
        }
        return commands;
    }

    private static List<List<String>> servers(ForwardingTable.Entry entry, List<RealServer> listed) {
        ServiceKey key = entry.service().key();
        Map<Destination, RealServer> there = new LinkedHashMap<>();
        listed.forEach(server -> there.put(Destination.of(server), server));
        List<List<String>> taking = new ArrayList<>();
        List<List<String>> shedding = new ArrayList<>();
        for (RealServer server : entry.servers().reversed()) {
            RealServer before = there.remove(Destination.of(server));
            boolean takesLoad = server.weight() > 0;
            if (before == null) {
                (takesLoad ? taking : shedding).add(CommandText.addServer(key, server));
            } else if (!sameServer(before, server)) {
                (takesLoad ? taking : shedding).add(CommandText.editServer(key, server));
            }
        }
        for (RealServer server : there.values()) {
            shedding.add(CommandText.deleteServer(key, server));
        }
        taking.addAll(shedding);
        return taking;
    }

    static boolean sameService(Optional<VirtualService> listed, VirtualService desired) {
        return listed.filter(desired::equals).isPresent();
    }

    /** Whether a listed server is as wanted. Thresholds do not matter without a weight; the listing does not show tunnel options. */
    static boolean sameServer(RealServer listed, RealServer desired) {
        boolean sameMethod = listed.method() == desired.method() || listed.method() == ForwardingMethod.LOCAL;
        boolean sameThresholds = desired.weight() == 0
                || listed.upperThreshold() == desired.upperThreshold()
                        && listed.lowerThreshold() == desired.lowerThreshold();
        return sameMethod && sameThresholds && listed.weight() == desired.weight();
    }
}
