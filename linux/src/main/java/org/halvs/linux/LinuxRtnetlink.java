package org.halvs.linux;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** {@link Rtnetlink} by a netlink socket. Calls of several threads are made one after the other. */
final class LinuxRtnetlink implements Rtnetlink {
    private final ReentrantLock lock = new ReentrantLock();
    private final NetlinkSocket socket;

    private LinuxRtnetlink(NetlinkSocket socket) {
        this.socket = socket;
    }

    static LinuxRtnetlink open() {
        return new LinuxRtnetlink(NetlinkSocket.open(NetlinkSocket.ROUTE));
    }

    @Override
    public List<Link> links() {
        return dump(RtnetlinkMessages::listLinks, "RTM_GETLINK").stream()
                .filter(RtnetlinkMessages::isLink)
                .map(RtnetlinkMessages::link)
                .sorted(Comparator.comparingInt(Link::index))
                .toList();
    }

    @Override
    public List<InterfaceAddress> addresses() {
        return dump(RtnetlinkMessages::listAddresses, "RTM_GETADDR").stream()
                .filter(RtnetlinkMessages::isAddress)
                .flatMap(message -> RtnetlinkMessages.address(message).stream())
                .toList();
    }

    @Override
    public List<Route> routes() {
        return routesOfAllTables().stream()
                .filter(route -> route.table() == Route.MAIN || route.table() == Route.LOCAL)
                .toList();
    }

    @Override
    public List<Route> routesOfAllTables() {
        return dump(RtnetlinkMessages::listRoutes, "RTM_GETROUTE").stream()
                .filter(RtnetlinkMessages::isRoute)
                .flatMap(message -> RtnetlinkMessages.routes(message).stream())
                .toList();
    }

    @Override
    public List<RoutingRule> rules() {
        return dump(RoutingRuleMessages::list, "RTM_GETRULE").stream()
                .filter(RoutingRuleMessages::isRule)
                .flatMap(message -> RoutingRuleMessages.rule(message).stream())
                .sorted(Comparator.comparingLong(RoutingRule::priority))
                .toList();
    }

    @Override
    public List<Neighbour> neighbours() {
        return dump(RtnetlinkMessages::listNeighbours, "RTM_GETNEIGH").stream()
                .filter(RtnetlinkMessages::isNeighbour)
                .flatMap(message -> RtnetlinkMessages.neighbour(message).stream())
                .toList();
    }

    @Override
    public Optional<RouteLookup> route(IpAddress destination) {
        NetlinkSocket.Answer answer = exchange(writer -> RtnetlinkMessages.lookUpRoute(writer, destination));
        if (answer.refusal().isPresent() && !leadsNowhere(answer.refusal().get().errno())) {
            throw answer.refusal().get().exception("RTM_GETROUTE", "the route to " + destination);
        }
        return answer.data().filter(RtnetlinkMessages::isRoute).flatMap(RtnetlinkMessages::routeLookup);
    }

    /**
     * What the kernel answers for no route, unreachable, blackhole (EINVAL) and prohibit (EACCES) routes,
     * {@code ip-route(8)}.
     */
    private static boolean leadsNowhere(Errno errno) {
        return errno.equals(Errno.ENETUNREACH)
                || errno.equals(Errno.EHOSTUNREACH)
                || errno.equals(Errno.EINVAL)
                || errno.equals(Errno.EACCES);
    }

    @Override
    public List<AddressOutcome> apply(List<AddressChange> changes) {
        List<NetlinkSocket.Request> requests = new ArrayList<>(changes.size());
        for (AddressChange change : changes) {
            requests.add(writer -> RtnetlinkMessages.change(writer, change));
        }
        List<NetlinkSocket.Answer> answers;
        lock.lock();
        try {
            answers = socket.exchange(requests);
        } finally {
            lock.unlock();
        }
        List<AddressOutcome> outcomes = new ArrayList<>(changes.size());
        for (int i = 0; i < changes.size(); i++) {
            outcomes.add(outcome(changes.get(i), answers.get(i)));
        }
        return outcomes;
    }

    private static AddressOutcome outcome(AddressChange change, NetlinkSocket.Answer answer) {
        if (answer.refusal().isEmpty()) {
            return new AddressOutcome.Changed(change);
        }
        NetlinkSocket.Refusal refusal = answer.refusal().get();
        return switch (change) {
            case AddressChange.Add _ when refusal.errno().equals(Errno.EEXIST) -> new AddressOutcome.AlreadySo(change);
            case AddressChange.Remove _
            when refusal.errno().equals(Errno.EADDRNOTAVAIL) || refusal.errno().equals(Errno.ENODEV) ->
                new AddressOutcome.AlreadySo(change);
            case AddressChange.Add(InterfaceAddress address) -> rejected(change, refusal, "RTM_NEWADDR", address);
            case AddressChange.Remove(InterfaceAddress address) -> rejected(change, refusal, "RTM_DELADDR", address);
        };
    }

    private static AddressOutcome rejected(
            AddressChange change, NetlinkSocket.Refusal refusal, String call, InterfaceAddress address) {
        String subject = address.text() + " on interface " + address.linkIndex();
        return new AddressOutcome.Rejected(change, refusal.exception(call, subject));
    }

    @Override
    public void resolve(int linkIndex, IpAddress address) {
        exchange(writer -> RtnetlinkMessages.useNeighbour(writer, linkIndex, address))
                .refusal()
                .ifPresent(refusal -> {
                    throw refusal.exception("RTM_NEWNEIGH", address + " on interface " + linkIndex);
                });
    }

    @Override
    public void learn(int linkIndex, IpAddress address, MacAddress mac) {
        exchange(writer -> RtnetlinkMessages.staleNeighbour(writer, linkIndex, address, mac))
                .refusal()
                .ifPresent(refusal -> {
                    throw refusal.exception("RTM_NEWNEIGH", address + " on interface " + linkIndex);
                });
    }

    @Override
    public void setLinkUp(int linkIndex) {
        exchange(writer -> RtnetlinkMessages.setLinkUp(writer, linkIndex))
                .refusal()
                .ifPresent(refusal -> {
                    throw refusal.exception("RTM_NEWLINK", "interface " + linkIndex);
                });
    }

    @Override
    public void preferSource(Route route, Optional<IpAddress> source) {
        String subject = "the route to " + route.destination() + "/" + route.prefixLength();
        NetlinkMessage message = dump(RtnetlinkMessages::listRoutes, "RTM_GETROUTE").stream()
                .filter(RtnetlinkMessages::isRoute)
                .filter(listed -> RtnetlinkMessages.routes(listed).contains(route))
                .findFirst()
                .orElseThrow(() -> new LinuxException("RTM_NEWROUTE", Errno.ESRCH, subject));
        exchange(writer -> RtnetlinkMessages.replaceRoute(writer, message, source))
                .refusal()
                .ifPresent(refusal -> {
                    throw refusal.exception("RTM_NEWROUTE", subject);
                });
    }

    private List<NetlinkMessage> dump(NetlinkSocket.Request request, String call) {
        lock.lock();
        try {
            return socket.dump(request, call);
        } finally {
            lock.unlock();
        }
    }

    private NetlinkSocket.Answer exchange(NetlinkSocket.Request request) {
        lock.lock();
        try {
            return socket.exchange(request);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            socket.close();
        } finally {
            lock.unlock();
        }
    }
}
