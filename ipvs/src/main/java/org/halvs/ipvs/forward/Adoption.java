package org.halvs.ipvs.forward;

import java.nio.ByteBuffer;
import org.halvs.ipvs.connection.ConnectionFlag;
import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.connection.SctpState;
import org.halvs.ipvs.connection.TcpState;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.sync.SyncFormat;
import org.halvs.ipvs.sync.SyncRecord;
import org.jspecify.annotations.Nullable;

/**
 * Takes in what another director tells of its connections ({@code ip_vs_proc_conn}). They live here without packets: with the timeouts they were
 * told with, until this director serves them and they go on as if they had always been here.
 */
final class Adoption {
    /** What a connection lives for when its director did not say, as the kernel's. */
    private static final int UNSAID_MILLIS = 180_000;

    private final Connections connections;
    private final ConnectionTable table;
    private final LateBinding binding;
    private SyncRecord record = new SyncRecord();
    private final SipEngine sip = new SipEngine();
    long learnt;
    long renewed;
    long ignored;
    long refused;

    Adoption(Connections connections, LateBinding binding) {
        this.connections = connections;
        this.table = connections.table;
        this.binding = binding;
    }

    void adopt(ByteBuffer records, long nowNanos) {
        while (records.hasRemaining()) {
            if (!SyncFormat.read(records, record)) {
                refused++;
                return;
            }
            if (isPossible()) {
                take(nowNanos);
            } else {
                refused++;
            }
        }
    }

    /**
     * Takes in what a master daemon of the kernel tells, as a backup daemon does: whoever serves the service, its word counts.
     *
     * @param packets what the connection's count of packets begins with
     */
    void learn(SyncRecord told, int packets, long nowNanos) {
        SyncRecord own = record;
        record = told;
        if (isPossible()) {
            learn(packets, nowNanos);
        } else {
            refused++;
        }
        record = own;
    }

    private void learn(int packets, long nowNanos) {
        int known = find();
        if (known != ConnectionTable.NONE && !record.isTemplate() && !isSameDestination(known)) {
            if (isEnd()) {
                ignored++;
                return;
            }
            replace(known, nowNanos);
            known = ConnectionTable.NONE;
        }
        if (known == ConnectionTable.NONE) {
            known = created(nowNanos);
            if (known == ConnectionTable.NONE) {
                return;
            }
            remember(known);
        } else {
            if (!record.isTemplate()) {
                connections.activity(known, !isEnd());
            }
            ServerEntry _ = connections.server(known);
            renewed++;
        }
        int timeout = record.timeoutMillis;
        if (timeout == 0) {
            timeout = record.isTemplate() ? UNSAID_MILLIS : connections.timeoutMillis(record.protocol, record.state);
        }
        table.state(known, record.state);
        table.timeoutMillis(known, timeout);
        table.restartIn(known, timeout, nowNanos);
        table.inPackets(known, packets);
    }

    /** A record of another version, or of nobody of ours, must not bring the table into a state of its own. */
    private boolean isPossible() {
        if (record.isTemplate()) {
            return record.state <= 1 && (record.protocol == 0 || IpProtocol.isTransport(record.protocol));
        }
        return switch (record.protocol) {
            case IpProtocol.TCP -> record.state < TcpState.values().length;
            case IpProtocol.SCTP -> record.state < SctpState.values().length;
            case IpProtocol.UDP -> record.state == 0;
            default -> false;
        };
    }

    private void take(long nowNanos) {
        int known = find();
        boolean servedHere = binding.service(
                        !record.ipv6,
                        record.mark,
                        record.protocol,
                        record.virtualHigh,
                        record.virtualLow,
                        record.virtualPort)
                != null;
        if (known != ConnectionTable.NONE && servedHere) {
            ignored++;
            return;
        }
        if (known != ConnectionTable.NONE && !isSameDestination(known)) {
            if (isEnd()) {
                ignored++;
                return;
            }
            replace(known, nowNanos);
            known = ConnectionTable.NONE;
        }
        if (known == ConnectionTable.NONE) {
            known = created(nowNanos);
            if (known == ConnectionTable.NONE) {
                return;
            }
        } else {
            renew(known);
            renewed++;
        }
        int timeout = record.timeoutMillis == 0 ? UNSAID_MILLIS : record.timeoutMillis;
        int remaining = record.timeoutMillis == 0 ? UNSAID_MILLIS : record.remainingMillis;
        table.state(known, record.state);
        table.timeoutMillis(known, timeout);
        table.restartIn(known, remaining, nowNanos);
        table.inPackets(known, record.inPackets);
        depend(known);
        remember(known);
    }

    /** Whether the record tells of a connection that ends; of one whose place here another has taken that is no news. */
    private boolean isEnd() {
        return (record.flags & ConnectionFlag.INACTIVE) != 0 && !record.isTemplate();
    }

    /** An entry for the record, or {@link ConnectionTable#NONE}; counted either way. */
    private int created(long nowNanos) {
        int made = create(nowNanos);
        if (made == ConnectionTable.NONE) {
            refused++;
        } else {
            learnt++;
        }
        return made;
    }

    private int find() {
        if (!record.isTemplate()) {
            return connection(
                    record.protocol,
                    record.clientHigh,
                    record.clientLow,
                    record.clientPort,
                    record.virtualHigh,
                    record.virtualLow,
                    record.virtualPort);
        }
        return record.engine.isEmpty()
                ? table.findTemplate(
                        record.ipv6,
                        record.protocol,
                        record.clientHigh,
                        record.clientLow,
                        record.virtualHigh,
                        record.virtualLow,
                        record.virtualPort)
                : sip.find(
                        connections,
                        record.ipv6,
                        record.protocol,
                        record.clientHigh,
                        record.clientLow,
                        record.virtualHigh,
                        record.virtualLow,
                        record.virtualPort,
                        record.engineKey);
    }

    private int connection(
            int protocol,
            long clientHigh,
            long clientLow,
            int clientPort,
            long virtualHigh,
            long virtualLow,
            int virtualPort) {
        return table.findInbound(
                table.first(protocol, clientHigh, clientLow, clientPort),
                record.ipv6,
                protocol,
                clientHigh,
                clientLow,
                clientPort,
                virtualHigh,
                virtualLow,
                virtualPort);
    }

    private boolean isSameDestination(int known) {
        return table.destinationLow(known) == record.destinationLow
                && table.destinationHigh(known) == record.destinationHigh
                && table.destinationPort(known) == record.destinationPort
                && table.has(known, ConnectionFlag.OTHER_FAMILY) == record.otherFamily;
    }

    /** Another connection has taken the place of one known here; one that others depend on is only hidden until they end. */
    private void replace(int known, long nowNanos) {
        if (table.controlled(known) == 0) {
            connections.drop(known, nowNanos);
        } else if (table.isTemplate(known)) {
            connections.invalidate(known);
        } else {
            connections.retarget(known, record.destinationHigh, record.destinationLow, record.destinationPort);
        }
    }

    private int create(long nowNanos) {
        int made = connections.create(
                (record.flags & SyncRecord.TOLD_FLAGS & ~(ConnectionFlag.OUT_SEQUENCE | ConnectionFlag.IN_SEQUENCE))
                        | ConnectionFlag.SYNC
                        | (record.otherFamily ? ConnectionFlag.OTHER_FAMILY : 0),
                !record.ipv6,
                record.protocol,
                record.clientHigh,
                record.clientLow,
                record.clientPort,
                record.virtualHigh,
                record.virtualLow,
                record.virtualPort,
                null,
                0,
                Integer.toUnsignedLong(record.mark),
                nowNanos);
        if (made != ConnectionTable.NONE) {
            table.destination(made, record.destinationHigh, record.destinationLow, record.destinationPort);
            ServerEntry _ = connections.server(made);
        }
        return made;
    }

    private void renew(int known) {
        if (!record.isTemplate()) {
            connections.activity(known, (record.flags & ConnectionFlag.INACTIVE) == 0);
        }
        if ((record.flags & ConnectionFlag.NO_OUTPUT) == 0) {
            table.flags(known, table.flags(known) & ~ConnectionFlag.NO_OUTPUT);
        }
    }

    private void depend(int known) {
        if (!record.controlled || record.isTemplate() || table.control(known) != ConnectionTable.NONE) {
            return;
        }
        int control = record.controlTemplate
                ? table.findTemplate(
                        record.ipv6,
                        record.controlProtocol,
                        record.controlClientHigh,
                        record.controlClientLow,
                        record.controlVirtualHigh,
                        record.controlVirtualLow,
                        record.controlVirtualPort)
                : connection(
                        record.controlProtocol,
                        record.controlClientHigh,
                        record.controlClientLow,
                        record.controlClientPort,
                        record.controlVirtualHigh,
                        record.controlVirtualLow,
                        record.controlVirtualPort);
        if (control != ConnectionTable.NONE && control != known && isEndOfChain(table.control(control))) {
            table.control(known, control);
        }
    }

    /** Whatever is told, no connection may come to depend on itself. */
    private boolean isEndOfChain(int control) {
        return control == ConnectionTable.NONE || table.isTemplate(control);
    }

    private void remember(int known) {
        if (record.engine.isEmpty() && !record.helped) {
            return;
        }
        ExtraData.@Nullable Extra extra = connections.extra().find(table.extra(known));
        if (extra == null) {
            extra = new ExtraData.Extra();
            table.extra(known, connections.extra().add(extra));
        }
        extra.learn(record);
    }
}
