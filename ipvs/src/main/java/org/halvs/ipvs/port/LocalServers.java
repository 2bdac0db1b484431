package org.halvs.ipvs.port;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.forward.RedirectedServer;
import org.halvs.linux.IpAddress;
import org.halvs.linux.StackRedirect;

/**
 * Which masqueraded real servers are sockets of this machine under another address or port than their service's, and which of them can be served: their
 * answers leave the stack by themselves, so the stack has to translate them, by a rule that can name one socket for an address and port. Immutable.
 *
 * @param redirected those the stack is to translate for, one a service at most, in the order of the table
 * @param unserved the others, with the reason
 */
record LocalServers(List<RedirectedServer> redirected, List<Unserved> unserved) {
    static final LocalServers NONE = new LocalServers(List.of(), List.of());

    LocalServers {
        redirected = List.copyOf(redirected);
        unserved = List.copyOf(unserved);
    }

    /**
     * A server whose clients get answers they can't use, or none.
     *
     * @param server which one of which service
     * @param reason why
     */
    record Unserved(String server, String reason) {
        /** For the log and the status. */
        @Override
        public String toString() {
            return "the real server " + server + " is on this machine and not served: " + reason;
        }
    }

    /**
     * What follows from a table.
     *
     * @param own whether an address is one of this machine, loopback addresses included
     */
    static LocalServers of(ForwardingTable table, Predicate<IpAddress> own) {
        List<RedirectedServer> redirected = new ArrayList<>();
        List<Unserved> unserved = new ArrayList<>();
        for (ForwardingTable.Entry entry : table.entries()) {
            List<RealServer> local = entry.servers().stream()
                    .filter(server -> server.method() == ForwardingMethod.MASQUERADE && own.test(server.address()))
                    .filter(server -> !isService(server, entry.service().key()))
                    // one that is drained must not keep the place of one in use
                    .sorted(Comparator.comparing(server -> server.weight() == 0))
                    .toList();
            switch (entry.service().key()) {
                case ServiceKey.AddressKey key -> sort(key, local, takesAsItIs(entry, own), redirected, unserved);
                case ServiceKey.FirewallMark mark ->
                    local.forEach(server -> unserved.add(new Unserved(
                            text(server) + " of " + mark,
                            "of a service by firewall mark its answers keep their own address and port; use a service"
                                    + " by address")));
            }
        }
        return new LocalServers(redirected, unserved);
    }

    /** Whether the socket has the very address and port the clients know, so that there is nothing to translate. */
    private static boolean isService(RealServer server, ServiceKey key) {
        return key instanceof ServiceKey.AddressKey address
                && server.address().equals(address.address())
                && (address.port() == 0 || server.port() == address.port());
    }

    /** Whether the stack gets connections of the service for another server untranslated, which the rule would take along. */
    private static boolean takesAsItIs(ForwardingTable.Entry entry, Predicate<IpAddress> own) {
        return entry.servers().stream()
                .filter(server -> server.weight() > 0)
                .anyMatch(server -> switch (server.method()) {
                    case LOCAL -> true;
                    case DIRECT_ROUTE, TUNNEL -> own.test(server.address());
                    case MASQUERADE -> isService(server, entry.service().key());
                });
    }

    private static void sort(
            ServiceKey.AddressKey key,
            List<RealServer> local,
            boolean takenAsItIs,
            List<RedirectedServer> redirected,
            List<Unserved> unserved) {
        boolean taken = false;
        for (RealServer server : local) {
            RedirectedServer candidate = new RedirectedServer(key, server.address(), server.port());
            if (key.port() == 0) {
                unserved.add(new Unserved(
                        candidate.toString(), "a service of all ports can't be translated by the kernel here"));
            } else if (server.address().isLoopback() && !server.address().isIpv4()) {
                unserved.add(new Unserved(
                        candidate.toString(), "the kernel takes nothing from outside to ::1; use another address"));
            } else if (takenAsItIs) {
                unserved.add(new Unserved(
                        candidate.toString(),
                        "the service has another server on this machine, at its own address or with gate"));
            } else if (taken) {
                unserved.add(new Unserved(
                        candidate.toString(), "a service has one such server at most, " + redirected.getLast()));
            } else {
                redirected.add(candidate);
                taken = true;
            }
        }
    }

    private static String text(RealServer server) {
        return server.address().bracketed() + ":" + server.port();
    }

    /** What the stack has to be told. */
    List<StackRedirect.Redirected> rules() {
        return redirected.stream().map(LocalServers::rule).toList();
    }

    private static StackRedirect.Redirected rule(RedirectedServer one) {
        return new StackRedirect.Redirected(
                one.service().protocol().number(),
                one.service().address(),
                one.service().port(),
                one.address(),
                one.port());
    }

    /** The same when the kernel could not be made to do all of it. */
    LocalServers without(List<StackRedirect.Refused> refused) {
        List<RedirectedServer> left = new ArrayList<>();
        List<Unserved> more = new ArrayList<>(unserved);
        for (RedirectedServer one : redirected) {
            refused.stream()
                    .filter(each -> each.redirected().equals(rule(one)))
                    .findFirst()
                    .ifPresentOrElse(
                            each -> more.add(new Unserved(one.toString(), each.reason())), () -> left.add(one));
        }
        return new LocalServers(left, more);
    }

    /** The same when the kernel refused all of it. */
    LocalServers withoutAny(String reason) {
        List<Unserved> all = new ArrayList<>(unserved);
        redirected.forEach(one -> all.add(new Unserved(one.toString(), reason)));
        return new LocalServers(List.of(), all);
    }

    /** Whether a socket on a loopback address is among those the stack translates for. */
    boolean anyLoopback() {
        return redirected.stream().anyMatch(one -> one.address().isLoopback());
    }

    Set<RedirectedServer> redirectedSet() {
        return new LinkedHashSet<>(redirected);
    }
}
