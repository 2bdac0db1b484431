package org.halvs.ipvs.forward;

import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv4Options;
import org.halvs.ipvs.packet.PacketView;
import org.jspecify.annotations.Nullable;

/**
 * Where IPv4 packets with options are let in ({@code ip_rcv_options}): records and timestamps are written, source routes refused, and broken options
 * answered with "parameter problem". Packets the local stack has as well are left to it, or their senders would hear twice.
 */
final class OptionGate {
    private final ServiceTable services;
    private final OptionScribe scribe;
    private final IcmpErrors errors;

    OptionGate(ServiceTable services, OptionScribe scribe, IcmpErrors errors) {
        this.services = services;
        this.scribe = scribe;
        this.errors = errors;
    }

    /** Takes in the packet in hand, which has options; null when it may go on. */
    @Nullable
    Verdict receive(Work work, boolean toService) {
        IcmpErrors.From from = toService ? IcmpErrors.From.SERVICE : IcmpErrors.From.ROUTER;
        Ipv4Options.Outcome outcome = scribe.receive(work, from);
        if (outcome == Ipv4Options.Outcome.ACCEPTED) {
            return null;
        }
        if (!isWithheld(work, toService)) {
            return Verdict.Accepted.LOCAL;
        }
        if (outcome == Ipv4Options.Outcome.SOURCE_ROUTED) {
            return DropReason.SOURCE_ROUTE;
        }
        errors.parameterProblem(work, work.options.problem(), from);
        return DropReason.BAD_OPTIONS;
    }

    /** Whether the stack does not see the packet; of an ICMP error it may, since nobody answers one. */
    private boolean isWithheld(Work work, boolean toService) {
        PacketView packet = work.view;
        if (packet.fragmentOffset > 0) {
            return true;
        }
        if (packet.protocol == IpProtocol.ICMP) {
            return IcmpErrors.isError(packet);
        }
        boolean ipsec = IpProtocol.isIpsec(packet.protocol);
        if (toService) {
            return ipsec
                    ? IpsecPath.isService(services, packet)
                    : services.find(true, work.mark, packet.protocol, 0, packet.destinationLow, packet.destinationPort)
                            != null;
        }
        if (packet.moreFragments) {
            return services.isMasqueradedHost(true, 0, packet.sourceLow);
        }
        return ipsec
                ? IpsecPath.isMasqueraded(services, packet)
                : services.isMasqueraded(true, packet.protocol, 0, packet.sourceLow, packet.sourcePort);
    }
}
