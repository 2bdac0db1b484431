package org.halvs.ha.membership.jgroups;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.halvs.ha.membership.path.Neighbour;
import org.jgroups.Address;
import org.jgroups.protocols.Discovery;
import org.jgroups.protocols.PingData;
import org.jgroups.util.Responses;
import org.jgroups.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who is there, answered from heartbeats. A node that starts is heard by the others at once and answered at once, whatever the keepalive, so that a short time
 * of silence means that it is alone: what comes later is merged. Thread-safe.
 */
final class HeartbeatDiscovery extends Discovery {
    /** Milliseconds. Far more than a heartbeat and its answer take; a first view is this late when nobody is there. */
    private static final long ALONE_MILLIS = 200;

    /** JGroups wants a number for each protocol; those from 512 on are for applications. */
    private static final short PROTOCOL_ID = 1541;

    private int others;
    private final List<Search> searches = new ArrayList<>();
    private List<Neighbour> heard = List.of();

    private record Search(Responses responses, long startNanos) {}

    /** @param others how many nodes of ha.cf there are beside this one */
    HeartbeatDiscovery(int others) {
        this.others = others;
        setId(PROTOCOL_ID);
        numDiscoveryRuns(1);
    }

    synchronized void others(int number) {
        others = number;
    }

    @Override
    public boolean isDynamic() {
        return true;
    }

    /** What is heard now. */
    synchronized void heard(List<Neighbour> neighbours) {
        heard = List.copyOf(neighbours);
        settle();
    }

    @Override
    protected synchronized void findMembers(@Nullable List<Address> members, boolean initial, Responses responses) {
        if (!initial) {
            responses.done(); // nobody's place has to be known to send to him
            return;
        }
        searches.add(new Search(responses, System.nanoTime()));
        var ignored = timer.schedule(this::settle, ALONE_MILLIS + 1, TimeUnit.MILLISECONDS);
        settle();
    }

    private synchronized void settle() {
        searches.removeIf(this::settled);
    }

    private boolean settled(Search search) {
        if (search.responses.isDone()) {
            return true;
        }
        List<Neighbour> reachable =
                heard.stream().filter(n -> n.twoWay() && !n.leaving()).toList();
        for (Neighbour neighbour : reachable) {
            if (neighbour.coordinates()) {
                search.responses.addResponse(response(neighbour, true).coord(true), true);
            }
        }
        if (search.responses.isDone()) {
            return true;
        }
        List<Neighbour> starting =
                reachable.stream().filter(n -> n.view().isEmpty()).toList();
        boolean alone = System.nanoTime() - search.startNanos >= TimeUnit.MILLISECONDS.toNanos(ALONE_MILLIS);
        if (starting.size() < reachable.size()) {
            return false; // members whose coordinator is not heard: they will have another one in a moment
        }
        if (!alone && starting.size() < others) {
            return false;
        }
        starting.forEach(neighbour -> search.responses.addResponse(response(neighbour, false), true));
        search.responses.done();
        return true;
    }

    private static PingData response(Neighbour neighbour, boolean member) {
        UUID address = NodeAddresses.address(neighbour.id());
        return new PingData(address, member, neighbour.node(), null);
    }
}
