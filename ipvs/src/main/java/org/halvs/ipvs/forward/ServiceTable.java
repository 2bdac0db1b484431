package org.halvs.ipvs.forward;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.Persistence;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.scheduler.Destination;
import org.halvs.ipvs.scheduler.Schedulers;
import org.halvs.linux.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * The services and servers at work, brought in line with each new {@link ForwardingTable}. What stands in both keeps its state: connections,
 * counters, the scheduler's position. Deleted servers wait in the trash while connections refer to them and come back with their figures when the
 * same server is added to the same service again ({@code ip_vs_trash_get_dest}).
 */
final class ServiceTable {
    private static final int FTP = 21;
    private static final int FTP_DATA = 20;
    private static final int FIRST_UNPRIVILEGED = 1024;
    /** How long an unused server stays in the trash, from when it was found unused. */
    private static final long TRASH_NANOS = 120_000_000_000L;
    /** The trash is looked through so often, from when the first server came into it. */
    private static final long TRASH_LOOK_NANOS = TRASH_NANOS / 2;

    private final Schedulers schedulers;
    private final Map<ServiceKey, ServiceEntry> entries = new LinkedHashMap<>();
    private final List<ServerEntry> trash = new ArrayList<>();
    private long nextTrashLookNanos;
    private long additions;
    private @Nullable ServerEntry[] numbered = new ServerEntry[16];
    private ForwardingTable table = ForwardingTable.EMPTY;

    // Look-up structures, made anew with every table.
    private long[] keys = new long[0];
    private @Nullable ServiceEntry[] slots = new ServiceEntry[4];
    private boolean anyFtp;
    private boolean anyPort;
    private boolean anyMark;
    private boolean servesIpv4;
    private boolean servesIpv6;
    private boolean anyEngine;
    private Set<WithheldTraffic.Masqueraded> masqueraded = new LinkedHashSet<>();
    private AddressMap<Boolean> masqueradedHosts = new AddressMap<>(AddressMap.HOSTS, 0);
    private WithheldTraffic withheld = WithheldTraffic.NOTHING;

    ServiceTable(Schedulers schedulers) {
        this.schedulers = schedulers;
    }

    long revision() {
        return table.revision();
    }

    List<ServiceEntry> entries() {
        return List.copyOf(entries.values());
    }

    @Nullable
    ServiceEntry entry(ServiceKey key) {
        return entries.get(key);
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Whether there is a service of a family; the kernel looks at no packet of a family without one. */
    boolean serves(boolean ipv4) {
        return ipv4 ? servesIpv4 : servesIpv6;
    }

    WithheldTraffic withheld() {
        return withheld;
    }

    /** The server a connection refers to. */
    @Nullable
    ServerEntry server(int number) {
        return number < 0 ? null : numbered[number];
    }

    // ---- look-up ----

    /**
     * The service of a packet: by mark, by address and port, an FTP service for its data connections, then a service for every port
     * ({@code ip_vs_service_find}).
     */
    @Nullable
    ServiceEntry find(boolean ipv4, long mark, int protocol, long high, long low, int port) {
        if (mark != 0 && anyMark) {
            ServiceEntry marked = lookUp(ipv4, 0, 0, mark, 0);
            if (marked != null) {
                return marked;
            }
        }
        ServiceEntry found = lookUp(ipv4, protocol, high, low, port);
        if (found == null && anyFtp && protocol == IpProtocol.TCP && (port == FTP_DATA || port >= FIRST_UNPRIVILEGED)) {
            found = lookUp(ipv4, protocol, high, low, FTP);
        }
        if (found == null && anyPort) {
            found = lookUp(ipv4, protocol, high, low, 0);
        }
        return found;
    }

    boolean hasMark(boolean ipv4, long mark) {
        return mark != 0 && anyMark && lookUp(ipv4, 0, 0, mark, 0) != null;
    }

    private @Nullable ServiceEntry lookUp(boolean ipv4, int protocol, long high, long low, int port) {
        int mask = slots.length - 1;
        long tail = tail(ipv4, protocol, port);
        int slot = slot(high, low, tail) & mask;
        while (true) {
            ServiceEntry entry = slots[slot];
            if (entry == null) {
                return null;
            }
            if (keys[slot * 3] == high && keys[slot * 3 + 1] == low && keys[slot * 3 + 2] == tail) {
                return entry;
            }
            slot = slot + 1 & mask;
        }
    }

    private static long tail(boolean ipv4, int protocol, int port) {
        return (ipv4 ? 1L << 32 : 0) | (long) protocol << 16 | port;
    }

    private static int slot(long high, long low, long tail) {
        long mixed = (high * 31 ^ low ^ tail << 20) * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 33);
    }

    /** Whether an address and port are those of a masqueraded server of a service of this protocol. */
    boolean isMasqueraded(boolean ipv4, int protocol, long high, long low, int port) {
        if (masqueradedHosts.find(ipv4, high, low) == null) {
            return false;
        }
        for (WithheldTraffic.Masqueraded each : masqueraded) {
            if (each.protocol().number() == protocol
                    && (each.port() == port || each.port() == 0)
                    && each.address().isIpv4() == ipv4
                    && each.address().high() == high
                    && each.address().low() == low) {
                return true;
            }
        }
        return false;
    }

    /** Whether any service has a persistence engine. */
    boolean anyEngine() {
        return anyEngine;
    }

    /**
     * The masqueraded server with exactly this address and port, of a service of the protocol or of a firewall mark, or null; of several the one added last
     * ({@code ip_vs_has_real_service}, {@code ip_vs_find_real_service}).
     */
    @Nullable
    ServerEntry realServer(boolean ipv4, int protocol, long high, long low, int port) {
        if (!isMasqueradedHost(ipv4, high, low)) {
            return null;
        }
        ServerEntry last = null;
        for (ServiceEntry entry : entries.values()) {
            boolean matches = !(entry.key instanceof ServiceKey.AddressKey key)
                    || key.protocol().number() == protocol;
            for (Destination each = entry.servers.head(); matches && each != null; each = each.next()) {
                ServerEntry server = (ServerEntry) each;
                if (server.server.method() == ForwardingMethod.MASQUERADE
                        && server.port() == port
                        && server.address().isIpv4() == ipv4
                        && server.address().high() == high
                        && server.address().low() == low
                        && (last == null || server.added > last.added)) {
                    last = server;
                }
            }
        }
        return last;
    }

    boolean isMasqueradedHost(boolean ipv4, long high, long low) {
        return masqueradedHosts.find(ipv4, high, low) != null;
    }

    // ---- following the table ----

    /** Told of servers that leave the table. */
    @FunctionalInterface
    interface RemovalListener {
        void removed(ServerEntry server);
    }

    void apply(ForwardingTable next, long nowNanos, RemovalListener listener) {
        if (next.revision() == table.revision() && next.sameContent(table)) {
            return;
        }
        table = next;
        for (ServiceEntry entry : entries()) {
            if (next.entry(entry.key).isEmpty()) {
                for (ServerEntry server : servers(entry)) {
                    remove(entry, server, nowNanos, listener);
                }
                entry.deleted = true;
                entries.remove(entry.key);
            }
        }
        for (ForwardingTable.Entry wanted : next.entries()) {
            follow(wanted, nowNanos, listener);
        }
        // The order of the table is the order of listings.
        Map<ServiceKey, ServiceEntry> ordered = new LinkedHashMap<>();
        for (ForwardingTable.Entry wanted : next.entries()) {
            ServiceEntry entry = entries.get(wanted.service().key());
            if (entry != null) {
                ordered.put(entry.key, entry);
            }
        }
        entries.clear();
        entries.putAll(ordered);
        index();
    }

    private void follow(ForwardingTable.Entry wanted, long nowNanos, RemovalListener listener) {
        VirtualService service = wanted.service();
        ServiceEntry entry = entries.get(service.key());
        if (entry == null) {
            entry = new ServiceEntry(
                    service,
                    schedulers.create(
                            service.scheduler(),
                            service.schedulerFlags(),
                            service.key().family()));
            entries.put(service.key(), entry);
            entry.scheduler.started(entry.servers);
        } else {
            // Other flags alone are no new scheduler: what rr, wrr and lblc remember stays. sh and mh read theirs, and
            // remember nothing.
            boolean readsFlags = service.scheduler() == SchedulerKind.SH || service.scheduler() == SchedulerKind.MH;
            boolean rescheduled = entry.service.scheduler() != service.scheduler()
                    || readsFlags && !entry.service.schedulerFlags().equals(service.schedulerFlags());
            entry.service = service;
            if (rescheduled) {
                entry.scheduler = schedulers.create(
                        service.scheduler(),
                        service.schedulerFlags(),
                        service.key().family());
                entry.scheduler.started(entry.servers);
            }
        }
        for (ServerEntry server : servers(entry)) {
            if (wanted.server(server.server).isEmpty()) {
                remove(entry, server, nowNanos, listener);
            }
        }
        for (ServerEntry server : servers(entry)) {
            RealServer edited = wanted.server(server.server).orElseThrow();
            if (!edited.equals(server.server)) {
                server.edit(edited);
                entry.scheduler.edited(entry.servers, server);
            }
        }
        for (RealServer added : wanted.servers().reversed()) {
            if (servers(entry).stream().noneMatch(server -> server.server.sameDestination(added))) {
                add(entry, added);
            }
        }
        reorder(entry, wanted.servers());
    }

    /** See {@link PacketProcessor#redirected}. */
    void redirected(Set<RedirectedServer> redirected) {
        for (ServiceEntry entry : entries.values()) {
            for (ServerEntry server : servers(entry)) {
                server.redirected(entry.key instanceof ServiceKey.AddressKey key
                        && redirected.contains(new RedirectedServer(key, server.address(), server.port())));
            }
        }
    }

    private static List<ServerEntry> servers(ServiceEntry entry) {
        List<ServerEntry> servers = new ArrayList<>();
        for (Destination each = entry.servers.head(); each != null; each = each.next()) {
            servers.add((ServerEntry) each);
        }
        return servers;
    }

    private void add(ServiceEntry entry, RealServer added) {
        ServerEntry server = null;
        for (ServerEntry old : trash) {
            if (old.key.equals(entry.key) && old.server.sameDestination(added)) {
                server = old;
                break;
            }
        }
        if (server == null) {
            server = new ServerEntry(entry.key, freeNumber(), added);
            numbered[server.number] = server;
        } else {
            trash.remove(server);
            server.edit(added);
            server.weightAnew(added.weight());
            if (!entry.equals(server.formerService)) {
                server.counters.zero();
            }
        }
        entry.servers.add(server);
        additions++;
        server.added = additions;
        server.service = entry;
        entry.scheduler.added(entry.servers, server);
    }

    private void remove(ServiceEntry entry, ServerEntry server, long nowNanos, RemovalListener listener) {
        Destination before = null;
        for (Destination each = entry.servers.head(); each != null && !each.equals(server); each = each.next()) {
            before = each;
        }
        entry.servers.remove(server);
        server.service = null;
        server.formerService = entry;
        entry.scheduler.removed(entry.servers, server, before);
        if (trash.isEmpty()) {
            nextTrashLookNanos = nowNanos + TRASH_LOOK_NANOS;
        }
        server.idleSinceNanos = Long.MIN_VALUE;
        trash.add(server);
        listener.removed(server);
    }

    /** A table that was not made by adding in turn may have another order than the list; then the list is built again. */
    private static void reorder(ServiceEntry entry, List<RealServer> wanted) {
        List<ServerEntry> current = servers(entry);
        boolean same = true;
        for (int i = 0; i < current.size(); i++) {
            same &= current.get(i).server.sameDestination(wanted.get(i));
        }
        if (same) {
            return;
        }
        current.forEach(entry.servers::remove);
        for (RealServer each : wanted.reversed()) {
            current.stream()
                    .filter(server -> server.server.sameDestination(each))
                    .findFirst()
                    .ifPresent(entry.servers::add);
        }
        entry.scheduler.started(entry.servers);
    }

    private int freeNumber() {
        for (int i = 0; i < numbered.length; i++) {
            if (numbered[i] == null) {
                return i;
            }
        }
        int number = numbered.length;
        numbered = Arrays.copyOf(numbered, number * 2);
        return number;
    }

    /** A router told the MTU of a link toward an address: it counts for all servers there. */
    void learnMtu(IpAddress address, int mtu, long nowNanos) {
        for (ServerEntry server : numbered) {
            if (server != null && server.address().equals(address)) {
                server.learnMtu(mtu, nowNanos);
            }
        }
    }

    /** Forgets servers of the trash that nobody refers to any more ({@code ip_vs_dest_trash_expire}); called every second. */
    void emptyTrash(long nowNanos) {
        if (trash.isEmpty() || nowNanos < nextTrashLookNanos) {
            return;
        }
        nextTrashLookNanos = nowNanos + TRASH_LOOK_NANOS;
        boolean forgotten = trash.removeIf(server -> {
            if (server.references > 0
                    || entries.values().stream().anyMatch(entry -> entry.scheduler.remembers(server))) {
                return false;
            }
            if (server.idleSinceNanos == Long.MIN_VALUE) {
                server.idleSinceNanos = nowNanos;
                return false;
            }
            boolean forget = nowNanos - server.idleSinceNanos >= TRASH_NANOS;
            if (forget) {
                numbered[server.number] = null;
            }
            return forget;
        });
        if (forgotten) {
            index();
        }
    }

    private void index() {
        int capacity = Integer.highestOneBit(Math.max(4, entries.size() * 2) * 2 - 1);
        keys = new long[capacity * 3];
        slots = new ServiceEntry[capacity];
        anyFtp = false;
        anyPort = false;
        anyMark = false;
        servesIpv4 = entries.keySet().stream().anyMatch(key -> key.family() == IpAddress.Family.IPV4);
        servesIpv6 = entries.keySet().stream().anyMatch(key -> key.family() == IpAddress.Family.IPV6);
        anyEngine = entries.values().stream()
                .anyMatch(entry ->
                        entry.service.persistence().flatMap(Persistence::engine).isPresent());
        List<WithheldTraffic.Served> served = new ArrayList<>();
        List<ServiceKey.FirewallMark> marks = new ArrayList<>();
        masqueraded = new LinkedHashSet<>();
        for (ServiceEntry entry : entries.values()) {
            switch (entry.key) {
                case ServiceKey.AddressKey key -> {
                    put(
                            key.address().isIpv4(),
                            key.protocol().number(),
                            key.address().high(),
                            key.address().low(),
                            key.port(),
                            entry);
                    anyFtp |= key.port() == FTP;
                    anyPort |= key.port() == 0;
                    addServed(entry, key, served);
                }
                case ServiceKey.FirewallMark key -> {
                    boolean ipv4 = key.family() == IpAddress.Family.IPV4;
                    put(ipv4, 0, 0, key.mark(), 0, entry);
                    anyMark = true;
                    marks.add(key);
                }
            }
            servers(entry).forEach(this::addMasqueraded);
        }
        // Connections of deleted servers go on being translated in the direction of the client.
        trash.stream().filter(server -> server.references > 0).forEach(this::addMasqueraded);
        masqueradedHosts = new AddressMap<>(AddressMap.HOSTS, masqueraded.size());
        masqueraded.forEach(each -> masqueradedHosts.put(each.address(), true));
        withheld = new WithheldTraffic(served, marks, List.copyOf(masqueraded));
    }

    private void put(boolean ipv4, int protocol, long high, long low, int port, ServiceEntry entry) {
        int mask = slots.length - 1;
        long tail = tail(ipv4, protocol, port);
        int slot = slot(high, low, tail) & mask;
        while (slots[slot] != null) {
            slot = slot + 1 & mask;
        }
        keys[slot * 3] = high;
        keys[slot * 3 + 1] = low;
        keys[slot * 3 + 2] = tail;
        slots[slot] = entry;
    }

    private static void addServed(ServiceEntry entry, ServiceKey.AddressKey key, List<WithheldTraffic.Served> served) {
        int last = key.port() == 0 ? 65535 : key.port();
        served.add(new WithheldTraffic.Served(key.protocol(), key.address(), key.port(), last));
        if (key.protocol() == Protocol.TCP
                && key.port() == FTP
                && entry.service.persistence().isPresent()) {
            served.add(new WithheldTraffic.Served(Protocol.TCP, key.address(), FTP_DATA, FTP_DATA));
            served.add(new WithheldTraffic.Served(Protocol.TCP, key.address(), FIRST_UNPRIVILEGED, 65535));
        }
    }

    private void addMasqueraded(ServerEntry server) {
        if (server.server.method() != ForwardingMethod.MASQUERADE) {
            return;
        }
        if (server.key instanceof ServiceKey.AddressKey key) {
            int port = key.port() == 0 ? 0 : server.port();
            masqueraded.add(new WithheldTraffic.Masqueraded(key.protocol(), server.address(), port));
        } else {
            for (Protocol protocol : Protocol.values()) {
                masqueraded.add(new WithheldTraffic.Masqueraded(protocol, server.address(), server.port()));
            }
        }
    }
}
