package org.halvs.ipvs.admin;

import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.ConnectionEntry;
import org.halvs.ipvs.Protocol;

/** {@code ipvsadm -L -c}, byte for byte; the entries in the order in which they are given, as ipvsadm does not sort them either. */
public final class ConnectionListing {
    private ConnectionListing() {}

    /**
     * The title lines.
     *
     * @param options of which {@code persistenceData} counts
     */
    public static String title(ListOptions options) {
        return "IPVS connection entries\npro expire state       source             virtual            destination"
                + (options.persistenceData() ? "        pe name          pe_data\n" : "\n");
    }

    /** @param options of which {@code numeric} and {@code persistenceData} count */
    public static String lines(List<ConnectionEntry> entries, ListOptions options, NameService names) {
        NamePrinter printer = new NamePrinter(names, options.numeric());
        StringBuilder out = new StringBuilder();
        for (ConnectionEntry entry : entries) {
            out.append(line(entry, options, printer)).append('\n');
        }
        return out.toString();
    }

    private static String line(ConnectionEntry entry, ListOptions options, NamePrinter printer) {
        Optional<Protocol> protocol = Optional.empty();
        for (Protocol candidate : Protocol.values()) {
            if (candidate.number() == entry.protocol()) {
                protocol = Optional.of(candidate);
            }
        }
        String expires =
                Column.twoDigits(entry.expiresSeconds() / 60) + ":" + Column.twoDigits(entry.expiresSeconds() % 60);
        String destination = printer.endpoint(entry.destination(), entry.destinationPort(), protocol);
        String start = Column.left(protocolName(entry.protocol()), 3) + " " + Column.left(expires, 6) + " "
                + Column.left(entry.state(), 11) + " "
                + Column.left(printer.endpoint(entry.client(), entry.clientPort(), protocol), 18) + " "
                + Column.left(printer.endpoint(entry.virtual(), entry.virtualPort(), protocol), 18) + " ";
        if (!options.persistenceData() || entry.engine().isEmpty()) {
            return start + destination;
        }
        return start + Column.left(destination, 16) + " "
                + Column.left(entry.engine().get(), 18) + " " + entry.engineData();
    }

    /** As {@code ip_vs_proto_name} of the kernel has it. */
    private static String protocolName(int number) {
        return switch (number) {
            case 0 -> "IP";
            case 1 -> "ICMP";
            case 6 -> "TCP";
            case 17 -> "UDP";
            case 58 -> "ICMPv6";
            case 132 -> "SCTP";
            default -> "IP_" + number;
        };
    }
}
