package org.halvs.ipvs.forward;

import java.util.Set;
import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.packet.Ethernet;
import org.halvs.ipvs.packet.HopByHopOptions;
import org.halvs.ipvs.packet.Ipv6;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Wire;
import org.halvs.linux.MacAddress;
import org.jspecify.annotations.Nullable;

/** Reads a packet's headers, tells packets IPVS has nothing to do with from the others, and hashes what a look-up of those goes by. */
final class Intake {
    private final ConnectionTable table;
    private final Network network;
    private long[] adopted = {};

    Intake(ConnectionTable table, Network network) {
        this.table = table;
        this.network = network;
    }

    /** See {@link PacketProcessor#adopt}. */
    void adopt(Set<MacAddress> macs) {
        adopted = macs.stream().mapToLong(MacAddress::value).toArray();
    }

    /** Fills in the view of the packet in hand; null when it has to be decided about. */
    @Nullable
    Verdict read(Work work, PacketBuffer packet) {
        long l3 = networkHeader(packet);
        if (l3 < 0) {
            return Verdict.Accepted.LOCAL;
        }
        PacketView view = work.view;
        PacketView.Parsed parsed = view.parse(packet.segment(), l3, packet.offset() + packet.length(), true);
        if (parsed != PacketView.Parsed.OK) {
            return refusal(parsed);
        }
        if (!view.ipv4 && view.l4 - l3 > Ipv6.HEADER && HopByHopOptions.areRefused(view.segment, l3)) {
            return Verdict.Accepted.LOCAL; // the stack refuses it, and answers, before its hooks and ours see it
        }
        // COMPAT: IPv6 has no notion of a martian source, so a reply of a direct server that passes here counts
        if (view.ipv4 && network.isLocal(true, view.sourceHigh, view.sourceLow)) {
            return Verdict.Accepted.LOCAL;
        }
        work.destinationLocal = network.isLocalDestination(view.ipv4, view.destinationHigh, view.destinationLow);
        if (view.hasPorts) {
            hash(work, view);
        }
        return null;
    }

    private static Verdict refusal(PacketView.Parsed parsed) {
        return switch (parsed) {
            case BAD_CHECKSUM -> DropReason.BAD_CHECKSUM;
            // no hook can tell what it is; the stack finds the same, and answers
            case ENDLESS -> Verdict.Accepted.LOCAL;
            default -> DropReason.MALFORMED;
        };
    }

    private void hash(Work work, PacketView view) {
        if (work.destinationLocal) {
            work.hashedSide = Work.SOURCE;
            work.hash = table.hash(view.protocol, view.sourceHigh, view.sourceLow, view.sourcePort);
        } else {
            work.hashedSide = Work.DESTINATION;
            work.hash = table.hash(view.protocol, view.destinationHigh, view.destinationLow, view.destinationPort);
        }
    }

    /** Where the IP header begins, or -1 when the frame is not IP for this machine: another protocol, VLAN or receiver. */
    private long networkHeader(PacketBuffer packet) {
        int vlanId = packet.vlan() == PacketBuffer.NO_VLAN ? 0 : packet.vlan() & 0xfff;
        if (packet.length() < Ethernet.HEADER || vlanId != 0) {
            return -1;
        }
        long own = network.view().mac(packet.interfaceIndex());
        if (own == NetworkView.NO_MAC || !isForHere(Ethernet.destination(packet.segment(), packet.offset()), own)) {
            return -1;
        }
        int type = Ethernet.type(packet.segment(), packet.offset());
        int header = Ethernet.HEADER;
        if (type == Ethernet.VLAN && packet.length() >= header + 4) {
            if ((Wire.u16(packet.segment(), packet.offset() + header) & 0xfff) != 0) {
                return -1;
            }
            // A tag of VLAN 0 only carries a priority.
            type = Wire.u16(packet.segment(), packet.offset() + header + 2);
            header += 4;
        }
        return type == Ethernet.IPV4 || type == Ethernet.IPV6 ? packet.offset() + header : -1;
    }

    private boolean isForHere(long destination, long own) {
        if (destination == own) {
            return true;
        }
        for (long mac : adopted) {
            if (destination == mac) {
                return true;
            }
        }
        return false;
    }
}
