package org.halvs.ipvs.admin;

import java.util.ArrayList;
import java.util.List;
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
import org.halvs.ipvs.TrafficCounters;
import org.halvs.ipvs.TrafficRates;
import org.halvs.linux.IpAddress;

/** The traffic that was on the director when the listings were recorded. */
final class RecordedFigures {
    private RecordedFigures() {}

    /** @param later whether two more seconds have gone by: rates have sunk */
    static ForwardingStats stats(ForwardingTable table, boolean later) {
        List<ServiceStats> services = new ArrayList<>();
        for (ForwardingTable.Entry entry : table.entries()) {
            List<ServerStats> servers = new ArrayList<>();
            for (RealServer server : entry.servers()) {
                servers.add(server(entry.service().key(), server, later));
            }
            TrafficCounters sum = TrafficCounters.ZERO;
            for (ServerStats server : servers) {
                sum = plus(sum, server.counters());
            }
            services.add(new ServiceStats(
                    entry.service(), sum, serviceRates(entry.service().key(), later), servers));
        }
        return new ForwardingStats(1, services, TrafficCounters.ZERO, TrafficRates.ZERO, List.of());
    }

    private static TrafficCounters plus(TrafficCounters a, TrafficCounters b) {
        return new TrafficCounters(
                a.connections() + b.connections(),
                a.inPackets() + b.inPackets(),
                a.outPackets() + b.outPackets(),
                a.inBytes() + b.inBytes(),
                a.outBytes() + b.outBytes());
    }

    private static ServerStats server(ServiceKey key, RealServer server, boolean later) {
        return switch (key + " " + server.address()) {
            case "TCP 10.0.1.100:80 10.0.2.11" -> of(server, 2, 0, 2, 4, 160, rates(0, later ? 8 : 11));
            case "TCP 10.0.1.100:80 10.0.2.12" -> of(server, 4, 0, 4, 8, 320, rates(later ? 0 : 1, later ? 17 : 22));
            case "TCP 10.0.1.100:443 10.0.2.11" -> of(server, 6, 6, 6, 6, 240, rates(0, later ? 13 : 17));
            case "UDP 10.0.1.100:53 10.0.2.11" -> of(server, 0, 0, 6, 6, 2268, rates(0, later ? 120 : 159));
            case "TCP [fd01::100]:80 fd02::11" -> of(server, 4, 0, 4, 4, 240, rates(0, later ? 13 : 17));
            case "TCP [fd01::100]:80 fd02::12" -> of(server, 2, 0, 2, 2, 120, rates(0, later ? 6 : 8));
            default -> of(server, 0, 0, 0, 0, 0, TrafficRates.ZERO);
        };
    }

    private static TrafficRates serviceRates(ServiceKey key, boolean later) {
        return switch (key.toString()) {
            case "TCP 10.0.1.100:80" -> rates(1, later ? 25 : 34);
            case "TCP 10.0.1.100:443" -> rates(0, later ? 13 : 17);
            case "UDP 10.0.1.100:53" -> rates(0, later ? 120 : 159);
            case "TCP [fd01::100]:80" -> rates(0, later ? 19 : 25);
            default -> TrafficRates.ZERO;
        };
    }

    private static TrafficRates rates(long packets, long bytes) {
        return new TrafficRates(0, packets, 0, bytes, 0);
    }

    private static ServerStats of(
            RealServer server, int active, int persistent, long conns, long packets, long bytes, TrafficRates rates) {
        return new ServerStats(server, active, 0, persistent, new TrafficCounters(conns, packets, 0, bytes, 0), rates);
    }

    /** Reads the lines of {@code /proc/net/ip_vs_conn}, with {@code secondsBefore} added to what is left of each entry. */
    static List<ConnectionEntry> connections(String proc, int secondsBefore) {
        List<ConnectionEntry> entries = new ArrayList<>();
        for (String line : proc.lines().skip(1).toList()) {
            String[] words = line.strip().split(" +");
            entries.add(new ConnectionEntry(
                    Protocol.valueOf(words[0]).number(),
                    Long.parseLong(words[8]) + secondsBefore,
                    words[7],
                    address(words[1]),
                    Integer.parseInt(words[2], 16),
                    address(words[3]),
                    Integer.parseInt(words[4], 16),
                    address(words[5]),
                    Integer.parseInt(words[6], 16),
                    ForwardingMethod.MASQUERADE,
                    false,
                    Optional.empty(),
                    ""));
        }
        return entries;
    }

    private static IpAddress address(String text) {
        return text.indexOf(':') >= 0 ? IpAddress.of(text) : IpAddress.ofIpv4(Integer.parseUnsignedInt(text, 16));
    }
}
