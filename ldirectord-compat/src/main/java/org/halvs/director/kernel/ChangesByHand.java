package org.halvs.director.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.RealServer;

/** The table that leaves alone what others have changed, as ldirectord did: it acted on changes of state only. Pure. */
final class ChangesByHand {
    private ChangesByHand() {}

    /**
     * What is wanted now where that is something else than before, and what was found for all the rest.
     *
     * @param before what was wanted the last time
     * @param found what stands in the kernel's table
     */
    static ForwardingTable kept(ForwardingTable desired, ForwardingTable before, ForwardingTable found) {
        List<ForwardingTable.Entry> entries = new ArrayList<>();
        for (ForwardingTable.Entry entry : desired.entries()) {
            Optional<ForwardingTable.Entry> old = before.entry(entry.service().key());
            Optional<ForwardingTable.Entry> now = found.entry(entry.service().key());
            if (old.isEmpty()) {
                entries.add(entry);
            } else if (now.isEmpty()) {
                // the whole service was removed: there is nothing left that could be somebody's wish
                entries.add(entry);
            } else {
                entries.add(kept(entry, old.get(), now.get()));
            }
        }
        return new ForwardingTable(desired.revision(), entries);
    }

    private static ForwardingTable.Entry kept(
            ForwardingTable.Entry desired, ForwardingTable.Entry before, ForwardingTable.Entry found) {
        List<RealServer> servers = new ArrayList<>();
        for (RealServer server : desired.servers()) {
            if (before.server(server).equals(Optional.of(server))) {
                found.server(server).ifPresent(servers::add);
            } else {
                servers.add(server);
            }
        }
        for (RealServer server : found.servers()) {
            boolean foreign =
                    desired.server(server).isEmpty() && before.server(server).isEmpty();
            if (foreign) {
                servers.add(server);
            }
        }
        boolean sameService = desired.service().equals(before.service());
        return new ForwardingTable.Entry(sameService ? found.service() : desired.service(), servers);
    }
}
