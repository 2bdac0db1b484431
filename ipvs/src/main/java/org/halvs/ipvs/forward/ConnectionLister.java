package org.halvs.ipvs.forward;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.ConnectionEntry;
import org.halvs.ipvs.ConnectionPage;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.connection.ConnectionFlag;
import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.connection.SctpState;
import org.halvs.ipvs.connection.TcpState;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.linux.IpAddress;

/** Turns the table's memory into the lines of {@code ipvsadm -L -c}. */
final class ConnectionLister {
    /** Unused entries passed over for each entry listed, so that an empty part of the table does not make a page long. */
    private static final long LOOKED_AT = 64;

    private final Connections connections;
    private final ConnectionTable table;

    ConnectionLister(Connections connections) {
        this.connections = connections;
        this.table = connections.table;
    }

    ConnectionPage page(int from, int most, long nowNanos) {
        List<ConnectionEntry> entries = new ArrayList<>();
        int next = Math.max(0, from);
        int end = (int) Math.min(table.limit(), next + most * LOOKED_AT);
        while (next < end && entries.size() < most) {
            if (table.exists(next)) {
                entries.add(entry(next, nowNanos));
            }
            next++;
        }
        return new ConnectionPage(entries, next >= table.limit() ? ConnectionPage.END : next);
    }

    private ConnectionEntry entry(int i, long nowNanos) {
        boolean ipv6 = table.isIpv6(i);
        boolean destinationIpv6 = ipv6 != table.has(i, ConnectionFlag.OTHER_FAMILY);
        ExtraData.Extra extra = connections.extra().find(table.extra(i));
        String engine = extra == null ? "" : extra.engine;
        return new ConnectionEntry(
                table.protocol(i),
                Math.max(0, table.expiresNanos(i) - nowNanos) / 1_000_000_000L,
                state(i),
                address(ipv6, table.clientHigh(i), table.clientLow(i)),
                table.clientPort(i),
                address(ipv6, table.virtualHigh(i), table.virtualLow(i)),
                table.virtualPort(i),
                address(destinationIpv6, table.destinationHigh(i), table.destinationLow(i)),
                table.destinationPort(i),
                method(table.flags(i) & ConnectionFlag.METHOD),
                table.isTemplate(i),
                engine.isEmpty() ? Optional.empty() : Optional.of(engine),
                extra == null ? "" : extra.engineKey);
    }

    private static IpAddress address(boolean ipv6, long high, long low) {
        return new IpAddress(ipv6 ? IpAddress.Family.IPV6 : IpAddress.Family.IPV4, high, low);
    }

    private String state(int i) {
        int state = table.state(i);
        if (table.isTemplate(i)) {
            return state == 1 ? "ASSURED" : "NONE";
        }
        return switch (table.protocol(i)) {
            case IpProtocol.TCP -> TcpState.of(state).name();
            case IpProtocol.SCTP -> SctpState.of(state).listed();
            case IpProtocol.UDP -> "UDP";
            default -> "NONE";
        };
    }

    private static ForwardingMethod method(int bits) {
        return switch (bits) {
            case ConnectionFlag.MASQUERADE -> ForwardingMethod.MASQUERADE;
            case ConnectionFlag.TUNNEL -> ForwardingMethod.TUNNEL;
            case ConnectionFlag.LOCAL -> ForwardingMethod.LOCAL;
            default -> ForwardingMethod.DIRECT_ROUTE;
        };
    }
}
