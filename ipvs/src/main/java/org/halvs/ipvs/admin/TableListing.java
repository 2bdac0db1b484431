package org.halvs.ipvs.admin;

import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.ForwardingStats;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.Persistence;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerFlag;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServerStats;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.ServiceStats;
import org.halvs.ipvs.TrafficCounters;
import org.halvs.ipvs.TrafficRates;
import org.halvs.ipvs.TunnelOptions;
import org.halvs.ipvs.VirtualService;
import org.halvs.linux.IpAddress;

/** {@code ipvsadm -L} of the table, in each of its sets of columns, byte for byte. */
public final class TableListing {
    /** IPVS, not ipvsadm, has this version. */
    static final String IPVS_VERSION = "1.2.1";

    /** The size of the kernel's connection table that ipvsadm shows where nothing else is known. */
    public static final int DEFAULT_SIZE = 4096;

    private static final int SERVICE_WIDTH = 33;
    private static final int SERVER_WIDTH = 28;

    private final NamePrinter printer;
    private final ListOptions options;
    private final ForwardingStats stats;
    private final StringBuilder out = new StringBuilder();

    private TableListing(NameService names, ListOptions options, ForwardingStats stats) {
        this.printer = new NamePrinter(names, options.numeric());
        this.options = options;
        this.stats = stats;
    }

    /**
     * The whole table.
     *
     * @param stats figures; a service or server without any is shown with zeros
     * @param size what to show as the size of the connection table
     */
    public static String all(
            ForwardingTable table, ForwardingStats stats, ListOptions options, NameService names, int size) {
        TableListing listing = new TableListing(names, options, stats);
        listing.line("IP Virtual Server version " + IPVS_VERSION + " (size=" + size + ")");
        listing.title();
        List<ForwardingTable.Entry> entries = options.sorted() ? ListOrder.services(table.entries()) : table.entries();
        entries.forEach(listing::service);
        return listing.out.toString();
    }

    /** One service, without the first line of the whole table. */
    public static String one(
            ForwardingTable.Entry entry, ForwardingStats stats, ListOptions options, NameService names) {
        TableListing listing = new TableListing(names, options, stats);
        listing.title();
        listing.service(entry);
        return listing.out.toString();
    }

    private void line(String text) {
        out.append(text).append('\n');
    }

    private void title() {
        String service = Column.left("Prot LocalAddress:Port", SERVICE_WIDTH);
        String server = "  -> RemoteAddress:Port";
        switch (options.figures()) {
            case STATS -> line(service + counterTitles("Conns", "InPkts", "OutPkts", "InBytes", "OutBytes"));
            case RATE -> line(service + counterTitles("CPS", "InPPS", "OutPPS", "InBPS", "OutBPS"));
            case THRESHOLDS -> line(service + " Uthreshold Lthreshold ActiveConn InActConn ");
            case PERSISTENT -> line(service + " Weight    PersistConn ActiveConn InActConn ");
            case CONNECTIONS -> {
                line("Prot LocalAddress:Port Scheduler Flags");
                server += "           Forward Weight ActiveConn InActConn";
            }
            case TUNNEL -> {
                line("Prot LocalAddress:Port Scheduler Flags");
                server += "           Forward TunnelInfo    Weight ActiveConn InActConn";
            }
        }
        line(server);
    }

    private static String counterTitles(String... titles) {
        StringBuilder text = new StringBuilder();
        for (String title : titles) {
            text.append(' ').append(Column.right(title, 8));
        }
        return text.toString();
    }

    private void service(ForwardingTable.Entry entry) {
        VirtualService service = entry.service();
        Optional<ServiceStats> figures = stats.services().stream()
                .filter(candidate -> candidate.service().key().equals(service.key()))
                .findFirst();
        String name = Column.left(name(service.key()), SERVICE_WIDTH);
        line(
                switch (options.figures()) {
                    case STATS ->
                        name + counters(figures.map(ServiceStats::counters).orElse(TrafficCounters.ZERO));
                    case RATE -> name + rates(figures.map(ServiceStats::rates).orElse(TrafficRates.ZERO));
                    case CONNECTIONS, THRESHOLDS, PERSISTENT, TUNNEL ->
                        name(service.key()) + " " + service.scheduler().word() + settings(service);
                });
        List<RealServer> servers = options.sorted() ? ListOrder.servers(entry.servers()) : entry.servers();
        for (RealServer server : servers) {
            ServerStats of = figures.stream()
                    .flatMap(found -> found.servers().stream())
                    .filter(candidate -> candidate.server().sameDestination(server))
                    .findFirst()
                    .orElse(new ServerStats(server, 0, 0, 0, TrafficCounters.ZERO, TrafficRates.ZERO));
            server(server, of, service.key());
        }
    }

    /** COMPAT: ipvsadm prints a mark as a signed number, so those from 2^31 on are negative. */
    private String name(ServiceKey key) {
        return switch (key) {
            case ServiceKey.FirewallMark(IpAddress.Family family, long mark) ->
                "FWM  " + (int) mark + (family == IpAddress.Family.IPV6 ? " IPv6" : "");
            case ServiceKey.AddressKey address -> {
                String name = Column.left(address.protocol(), 4) + " "
                        + printer.endpoint(address.address(), address.port(), Optional.of(address.protocol()));
                yield address.address().isIpv4() ? cut(name, SERVICE_WIDTH) : name;
            }
        };
    }

    private static String cut(String text, int width) {
        return text.length() > width ? text.substring(0, width) : text;
    }

    private static String settings(VirtualService service) {
        StringBuilder text = new StringBuilder();
        if (!service.schedulerFlags().isEmpty()) {
            text.append(" (").append(flags(service)).append(')');
        }
        service.persistence().ifPresent(persistence -> {
            text.append(" persistent ").append(persistence.timeoutSeconds());
            mask(service.key().family(), persistence)
                    .ifPresent(mask -> text.append(" mask ").append(mask));
            persistence.engine().ifPresent(engine -> text.append(" pe ").append(engine));
        });
        return text.append(service.onePacket() ? " ops" : "").toString();
    }

    /** The flags of the scheduler, separated by commas. COMPAT: of sh and mh the third, which has no name there, is left out. */
    static String flags(VirtualService service) {
        boolean named = service.scheduler() == SchedulerKind.SH || service.scheduler() == SchedulerKind.MH;
        List<String> words = service.schedulerFlags().stream()
                .filter(flag -> !named || flag != SchedulerFlag.FLAG_3)
                .map((SchedulerFlag flag) -> flag.word(service.scheduler()))
                .toList();
        return String.join(",", words);
    }

    /** The netmask of a persistence, unless it is the one for single clients. */
    static Optional<String> mask(IpAddress.Family family, Persistence persistence) {
        int mask = persistence.netmask();
        return switch (family) {
            case IPV4 ->
                mask == -1
                        ? Optional.empty()
                        : Optional.of(IpAddress.ofIpv4(mask).toString());
            case IPV6 -> mask == 128 ? Optional.empty() : Optional.of(Integer.toString(mask));
        };
    }

    private void server(RealServer server, ServerStats figures, ServiceKey key) {
        String endpoint = printer.endpoint(server.address(), server.port(), NamePrinter.protocol(key));
        String name =
                "  -> " + Column.left(server.address().isIpv4() ? cut(endpoint, SERVER_WIDTH) : endpoint, SERVER_WIDTH);
        String connections = " " + Column.left(figures.active(), 10) + " " + Column.left(figures.inactive(), 10);
        String weight = " " + Column.left(server.weight(), 6);
        String forward = " " + Column.left(server.method().listed(), 7);
        line(name
                + switch (options.figures()) {
                    case STATS -> counters(figures.counters());
                    case RATE -> rates(figures.rates());
                    case THRESHOLDS ->
                        " " + Column.left(server.upperThreshold(), 10) + " " + Column.left(server.lowerThreshold(), 10)
                                + connections;
                    case PERSISTENT ->
                        " " + Column.left(server.weight(), 9) + " " + Column.left(figures.persistent(), 11)
                                + connections;
                    case CONNECTIONS -> forward + weight + connections;
                    case TUNNEL -> forward + " " + Column.left(tunnel(server), 13) + weight + connections;
                });
    }

    private static String tunnel(RealServer server) {
        if (server.method() != ForwardingMethod.TUNNEL) {
            return "n/a";
        }
        TunnelOptions tunnel = server.tunnel();
        String checksum = switch (tunnel.checksum()) {
            case NONE -> "-c";
            case FULL -> "+c";
            case REMOTE -> "r+c";
        };
        return switch (tunnel.type()) {
            case IPIP -> "ipip";
            case GRE -> "gre:" + checksum;
            case GUE -> "gue:" + tunnel.port() + ":" + checksum;
        };
    }

    private String counters(TrafficCounters counters) {
        return counters(
                counters.connections(),
                counters.inPackets(),
                counters.outPackets(),
                counters.inBytes(),
                counters.outBytes());
    }

    private String rates(TrafficRates rates) {
        return counters(
                rates.connectionsPerSecond(),
                rates.inPacketsPerSecond(),
                rates.outPacketsPerSecond(),
                rates.inBytesPerSecond(),
                rates.outBytesPerSecond());
    }

    private String counters(long... values) {
        StringBuilder text = new StringBuilder();
        for (long value : values) {
            text.append(Column.counter(value, options.exact()));
        }
        return text.toString();
    }
}
