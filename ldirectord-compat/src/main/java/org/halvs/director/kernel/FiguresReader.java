package org.halvs.director.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halvs.ipvs.ConnectionEntry;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.ForwardingStats;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.ServerStats;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.ServiceStats;
import org.halvs.ipvs.Timeouts;
import org.halvs.ipvs.TrafficCounters;
import org.halvs.ipvs.TrafficRates;
import org.halvs.ipvs.VirtualService;

/** Reads what ipvsadm prints of counters, rates, connections and timeouts. Pure; what it does not understand counts as nothing. */
final class FiguresReader {
    private static final int COUNTERS = 5;
    private static final long[] NONE = new long[COUNTERS];

    private FiguresReader() {}

    /** The numbers at the end of the lines of a listing, by service and server. */
    private record Figures(Map<ServiceKey, long[]> services, Map<Row, long[]> servers) {
        long[] of(ServiceKey service) {
            return services.getOrDefault(service, NONE);
        }

        long[] of(ServiceKey service, RealServer server) {
            return servers.getOrDefault(new Row(service, Destination.of(server)), NONE);
        }
    }

    private record Row(ServiceKey service, Destination server) {}

    /**
     * The figures of the services of {@code table}.
     *
     * @param listing of {@code -L -n}
     * @param counters of {@code -L -n --stats --exact}
     * @param rates of {@code -L -n --rate --exact}
     * @param persistent of {@code -L -n --persistent-conn}
     */
    static ForwardingStats stats(
            ForwardingTable table, String listing, String counters, String rates, String persistent) {
        Figures active = figures(listing, 2);
        Figures counted = figures(counters, COUNTERS);
        Figures perSecond = figures(rates, COUNTERS);
        Figures templates = figures(persistent, 3);
        List<ServiceStats> services = new ArrayList<>();
        long[] total = new long[COUNTERS];
        long[] totalRates = new long[COUNTERS];
        for (ForwardingTable.Entry entry : table.entries()) {
            VirtualService service = entry.service();
            ServiceKey key = service.key();
            List<ServerStats> servers = entry.servers().stream()
                    .map(server -> new ServerStats(
                            server,
                            (int) active.of(key, server)[0],
                            (int) active.of(key, server)[1],
                            (int) templates.of(key, server)[0],
                            counters(counted.of(key, server)),
                            rates(perSecond.of(key, server))))
                    .toList();
            services.add(new ServiceStats(service, counters(counted.of(key)), rates(perSecond.of(key)), servers));
            add(total, counted.of(key));
            add(totalRates, perSecond.of(key));
        }
        return new ForwardingStats(table.revision(), services, counters(total), rates(totalRates), List.of());
    }

    private static void add(long[] sum, long[] more) {
        Arrays.setAll(sum, i -> sum[i] + more[i]);
    }

    private static TrafficCounters counters(long[] n) {
        return new TrafficCounters(n[0], n[1], n[2], n[3], n[4]);
    }

    private static TrafficRates rates(long[] n) {
        return new TrafficRates(n[0], n[1], n[2], n[3], n[4]);
    }

    private static Figures figures(String listing, int columns) {
        Figures figures = new Figures(new HashMap<>(), new HashMap<>());
        Optional<ServiceKey> current = Optional.empty();
        for (String line : listing.lines().toList()) {
            List<String> words = ListingReader.words(line);
            if (words.size() < 2) {
                continue;
            }
            if (!words.getFirst().equals(ListingReader.SERVER_MARK)) {
                current = ListingReader.named(words).map(ListingReader.Named::key);
                current.ifPresent(key -> figures.services().put(key, last(words, columns)));
            } else if (current.isPresent()) {
                ServiceKey key = current.get();
                ListingReader.destination(words)
                        .ifPresent(at -> figures.servers().put(new Row(key, at), last(words, columns)));
            }
        }
        return figures;
    }

    /** The last {@code columns} words as numbers, in an array of five. */
    private static long[] last(List<String> words, int columns) {
        long[] numbers = new long[COUNTERS];
        for (int i = 0; i < columns && words.size() >= columns; i++) {
            numbers[i] = number(words.get(words.size() - columns + i));
        }
        return numbers;
    }

    /**
     * The connections of {@code -L -n -c --persistent-conn}.
     *
     * @param table says by which method a server is reached, which the listing does not
     */
    static List<ConnectionEntry> connections(ForwardingTable table, String listing) {
        List<ConnectionEntry> connections = new ArrayList<>();
        for (String line : listing.lines().toList()) {
            List<String> words = ListingReader.words(line);
            if (words.size() >= 6 && words.get(1).contains(":")) {
                connection(table, words).ifPresent(connections::add);
            }
        }
        return connections;
    }

    private static Optional<ConnectionEntry> connection(ForwardingTable table, List<String> words) {
        Optional<Destination> client = ListingReader.hostAndPort(words.get(3));
        Optional<Destination> virtual = ListingReader.hostAndPort(words.get(4));
        Optional<Destination> server = ListingReader.hostAndPort(words.get(5));
        if (client.isEmpty() || virtual.isEmpty() || server.isEmpty()) {
            return Optional.empty();
        }
        String[] time = words.get(1).split(":");
        long expires = time.length == 2 ? number(time[0]) * 60 + number(time[1]) : 0;
        return Optional.of(new ConnectionEntry(
                protocol(words.getFirst()),
                expires,
                words.get(2),
                client.get().address(),
                client.get().port(),
                virtual.get().address(),
                virtual.get().port(),
                server.get().address(),
                server.get().port(),
                method(table, server.get()),
                client.get().port() == 0,
                words.size() > 6 ? Optional.of(words.get(6)) : Optional.empty(),
                words.size() > 7 ? words.get(7) : ""));
    }

    private static ForwardingMethod method(ForwardingTable table, Destination server) {
        return table.entries().stream()
                .flatMap(entry -> entry.servers().stream())
                .filter(candidate -> Destination.of(candidate).equals(server))
                .map(RealServer::method)
                .findFirst()
                .orElse(ForwardingMethod.DIRECT_ROUTE);
    }

    private static int protocol(String name) {
        if (name.startsWith("IP_")) {
            return (int) number(name.substring(3));
        }
        return Arrays.stream(Protocol.values())
                .filter(known -> known.name().equals(name))
                .mapToInt(Protocol::number)
                .findFirst()
                .orElse(0);
    }

    /** {@code Timeout (tcp tcpfin udp): 900 120 300}. */
    static Optional<Timeouts> timeouts(String listing) {
        List<String> words = ListingReader.words(listing);
        if (words.size() < 4 || !words.getFirst().equals("Timeout")) {
            return Optional.empty();
        }
        long[] numbers = last(words, 3);
        return Optional.of(new Timeouts((int) numbers[0], (int) numbers[1], (int) numbers[2]));
    }

    private static long number(String word) {
        try {
            return Math.max(0, Long.parseLong(word));
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
