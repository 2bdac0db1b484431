package org.halvs.ipvs.admin;

import java.util.Optional;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.TunnelOptions;
import org.halvs.ipvs.VirtualService;
import org.halvs.linux.IpAddress;

/** Writes a table as the commands that make it: {@code ipvsadm -S}. */
public final class RuleWriter {
    private final NamePrinter printer;
    private final boolean complete;

    private RuleWriter(NameService names, boolean numeric, boolean complete) {
        this.printer = new NamePrinter(names, numeric);
        this.complete = complete;
    }

    /** Exactly what {@code ipvsadm -S} prints, or {@code -S -n}. COMPAT: thresholds, the order of the servers and marks from 2^31 on are lost. */
    public static String save(ForwardingTable table, NameService names, boolean numeric) {
        return new RuleWriter(names, numeric, false).write(table);
    }

    /** Rules that give back the very same table when ipvsadm reads them: in numbers, oldest server first, thresholds included. */
    public static String complete(ForwardingTable table, NameService names) {
        return new RuleWriter(names, true, true).write(table);
    }

    private String write(ForwardingTable table) {
        StringBuilder out = new StringBuilder();
        for (ForwardingTable.Entry entry : complete ? table.entries() : ListOrder.services(table.entries())) {
            String name = name(entry.service().key());
            out.append("-A ").append(name).append(settings(entry.service())).append('\n');
            for (RealServer server : complete ? entry.servers().reversed() : ListOrder.servers(entry.servers())) {
                out.append("-a ")
                        .append(name)
                        .append(server(server, entry.service().key()))
                        .append('\n');
            }
        }
        return out.toString();
    }

    private String name(ServiceKey key) {
        return switch (key) {
            case ServiceKey.FirewallMark(IpAddress.Family family, long mark) ->
                "-f " + (complete ? mark : (int) mark) + (family == IpAddress.Family.IPV6 ? " -6" : "");
            case ServiceKey.AddressKey address -> {
                String option = switch (address.protocol()) {
                    case TCP -> "-t ";
                    case UDP -> "-u ";
                    case SCTP -> "--sctp-service ";
                };
                yield option + printer.endpoint(address.address(), address.port(), Optional.of(address.protocol()));
            }
        };
    }

    private String settings(VirtualService service) {
        StringBuilder text =
                new StringBuilder(" -s ").append(service.scheduler().word());
        service.persistence().ifPresent(persistence -> {
            text.append(" -p ").append(persistence.timeoutSeconds());
            TableListing.mask(service.key().family(), persistence)
                    .ifPresent(mask -> text.append(" -M ").append(mask));
            persistence.engine().ifPresent(engine -> text.append(" --pe ").append(engine));
        });
        service.idleEngine().ifPresent(engine -> text.append(" --pe ").append(engine));
        text.append(service.onePacket() ? " -o" : "");
        String flags = TableListing.flags(service);
        if (!service.schedulerFlags().isEmpty() && !(complete && flags.isEmpty())) {
            text.append(" -b ").append(flags);
        }
        return text.toString();
    }

    private String server(RealServer server, ServiceKey key) {
        String method = switch (server.method()) {
            case MASQUERADE -> "-m";
            case TUNNEL -> "-i";
            case DIRECT_ROUTE, LOCAL -> "-g";
        };
        String limits = complete && server.upperThreshold() > 0
                ? " -x " + server.upperThreshold() + " -y " + server.lowerThreshold()
                : "";
        return " -r " + printer.endpoint(server.address(), server.port(), NamePrinter.protocol(key)) + " " + method
                + " -w " + server.weight() + limits + tunnel(server);
    }

    private static String tunnel(RealServer server) {
        if (server.method() != ForwardingMethod.TUNNEL) {
            return "";
        }
        TunnelOptions tunnel = server.tunnel();
        String checksum = switch (tunnel.checksum()) {
            case NONE -> " --tun-nocsum";
            case FULL -> " --tun-csum";
            case REMOTE -> " --tun-remcsum";
        };
        return " --tun-type " + CommandParser.tunnelWord(tunnel.type())
                + switch (tunnel.type()) {
                    case IPIP -> "";
                    case GRE -> checksum;
                    case GUE -> " --tun-port " + tunnel.port() + checksum;
                };
    }
}
