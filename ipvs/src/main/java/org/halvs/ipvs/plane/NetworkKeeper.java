package org.halvs.ipvs.plane;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.forward.NetworkView;
import org.halvs.ipvs.port.PacketPort;
import org.halvs.ipvs.port.PortFactory;
import org.halvs.linux.IpAddress;
import org.halvs.linux.Link;
import org.halvs.linux.LinuxException;
import org.halvs.linux.NetworkChange;
import org.halvs.linux.Rtnetlink;

/**
 * Follows the machine's network for a worker: keeps its view current, opens a port on each usable interface, retries the ones that fail, and has
 * the kernel find the Ethernet addresses of real servers before their first packet. Confined to one thread, which calls {@link #step}.
 */
final class NetworkKeeper {
    private static final System.Logger LOGGER = System.getLogger(NetworkKeeper.class.getName());

    private static final long PORT_RETRY_NANOS = 5_000_000_000L;
    private static final long RESOLVE_NANOS = 2_000_000_000L;
    private static final long CONFIRM_NANOS = 30_000_000_000L;

    private final Rtnetlink rtnetlink;
    private final NetworkReader reader;
    private final PortFactory factory;
    private final Consumer<NetworkView> viewOut;
    private final Consumer<List<PacketPort>> portsOut;
    private final LongSupplier nanoTime;
    private final Map<Integer, PacketPort> ports = new LinkedHashMap<>();
    private final Map<Integer, Failure> failures = new LinkedHashMap<>();
    private NetworkView view = NetworkView.EMPTY;
    private ForwardingTable table = ForwardingTable.EMPTY;
    private long resolvedNanos;
    private long confirmedNanos;
    private volatile List<String> portNames = List.of();
    private volatile List<String> troubles = List.of();

    /** A port that could not be opened, and when to try again. */
    private record Failure(String linkName, String reason, long retryNanos) {}

    NetworkKeeper(
            Rtnetlink rtnetlink,
            NetworkReader reader,
            PortFactory factory,
            Consumer<NetworkView> viewOut,
            Consumer<List<PacketPort>> portsOut,
            LongSupplier nanoTime) {
        this.rtnetlink = rtnetlink;
        this.reader = reader;
        this.factory = factory;
        this.viewOut = viewOut;
        this.portsOut = portsOut;
        this.nanoTime = nanoTime;
        long now = nanoTime.getAsLong();
        resolvedNanos = now - RESOLVE_NANOS;
        confirmedNanos = now;
    }

    /** The names of the interfaces that have a port, in the order of their index. May be read by any thread. */
    List<String> portNames() {
        return portNames;
    }

    /** What does not work, a line each. May be read by any thread. */
    List<String> troubles() {
        return troubles;
    }

    /** Follows another table: its real servers' next hops are looked up from now on. */
    void table(ForwardingTable newTable) {
        table = newTable;
        resolvedNanos = nanoTime.getAsLong() - RESOLVE_NANOS;
    }

    /**
     * Brings everything up to date.
     *
     * @param changed the tables of the kernel to read again; none to do only what is due
     */
    void step(Set<NetworkChange.Kind> changed) {
        Set<NetworkChange.Kind> kinds = changed.isEmpty() ? EnumSet.noneOf(NetworkChange.Kind.class) : changed;
        boolean differs = reader.read(kinds);
        keepPorts(differs && kinds.contains(NetworkChange.Kind.LINKS));
        if (differs) {
            view = reader.view();
            viewOut.accept(view);
        }
        keepNeighbours();
    }

    private void keepPorts(boolean linksChanged) {
        long now = nanoTime.getAsLong();
        boolean retry = failures.values().stream().anyMatch(failure -> now - failure.retryNanos >= 0);
        if (!linksChanged && !retry) {
            return;
        }
        List<Link> usable = reader.usableLinks();
        Set<Integer> indexes = new LinkedHashSet<>();
        usable.forEach(link -> indexes.add(link.index()));
        boolean changed = ports.keySet().retainAll(indexes);
        failures.keySet().retainAll(indexes);
        for (Link link : usable) {
            changed |= !ports.containsKey(link.index()) && open(link, usable.size(), now);
        }
        if (changed) {
            publishPorts(usable);
        }
        troubles = failures.values().stream()
                .map(failure -> failure.linkName + " is not served (" + failure.reason + "), tried again every "
                        + PORT_RETRY_NANOS / 1_000_000_000L + " s")
                .toList();
    }

    private boolean open(Link link, int share, long now) {
        Failure failure = failures.get(link.index());
        if (failure != null && now - failure.retryNanos < 0) {
            return false;
        }
        try {
            ports.put(link.index(), factory.open(link, share));
            failures.remove(link.index());
            LOGGER.log(Level.INFO, "forwarding on {0}", link.name());
            return true;
        } catch (LinuxException e) {
            failures.put(
                    link.index(), new Failure(link.name(), String.valueOf(e.getMessage()), now + PORT_RETRY_NANOS));
            LOGGER.log(
                    failure == null ? Level.WARNING : Level.DEBUG,
                    "no forwarding on {0}, to be tried again: {1}",
                    link.name(),
                    e.getMessage());
            return false;
        }
    }

    private void publishPorts(List<Link> usable) {
        List<PacketPort> ordered = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (Link link : usable) {
            PacketPort port = ports.get(link.index());
            if (port != null) {
                ordered.add(port);
                names.add(link.name());
            }
        }
        portsOut.accept(ordered);
        portNames = List.copyOf(names);
    }

    /**
     * Real servers are resolved before a client waits for it. Known neighbours are looked up again every half minute: the kernel then asks those
     * it has not heard of lately, which nobody else makes it do because the packets do not pass through it.
     */
    private void keepNeighbours() {
        long now = nanoTime.getAsLong();
        boolean confirm = now - confirmedNanos >= CONFIRM_NANOS;
        if (!confirm && now - resolvedNanos < RESOLVE_NANOS) {
            return;
        }
        resolvedNanos = now;
        confirmedNanos = confirm ? now : confirmedNanos;
        for (NetworkReader.NextHop hop : nextHops()) {
            boolean known = view.neighbour(hop.interfaceIndex(), hop.address()) != NetworkView.NO_MAC;
            if (!known || confirm) {
                resolve(hop.interfaceIndex(), hop.address());
            }
        }
    }

    private Set<NetworkReader.NextHop> nextHops() {
        Set<NetworkReader.NextHop> hops = new LinkedHashSet<>();
        for (ForwardingTable.Entry entry : table.entries()) {
            for (RealServer server : entry.servers()) {
                NetworkReader.nextHop(view, server.address()).ifPresent(hops::add);
            }
        }
        for (IpAddress.Family family : IpAddress.Family.values()) {
            IpAddress any = family == IpAddress.Family.IPV4 ? IpAddress.ANY_IPV4 : IpAddress.ANY_IPV6;
            NetworkReader.nextHop(view, any).ifPresent(hops::add); // the way to most clients
        }
        return hops;
    }

    /** Has the kernel find the Ethernet address of a neighbour. */
    void resolve(int interfaceIndex, IpAddress nextHop) {
        try {
            rtnetlink.resolve(interfaceIndex, nextHop);
        } catch (LinuxException e) {
            LOGGER.log(Level.DEBUG, "{0} cannot be resolved: {1}", nextHop, e.getMessage());
        }
    }
}
