package org.halvs.ha.membership;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.ha.config.Medium;
import org.halvs.linux.IpAddress;

/**
 * Chooses the path the cluster's messages take from the media of ha.cf: the first one that can be used now. One path is used; its place is taken by a
 * transport that uses all of them.
 */
final class LinkSelection {
    /**
     * The group that stands in for a {@code bcast} line: JGroups has no broadcast. In the range for private use of RFC 2365, its last bytes are
     * heartbeat's port.
     */
    private static final IpAddress BCAST_GROUP = IpAddress.of("239.192.2.182");

    private LinkSelection() {}

    /** @throws MembershipException when no medium can be used; says why for each */
    static ClusterLink choose(List<Medium> media) {
        List<String> obstacles = new ArrayList<>();
        for (Medium medium : media) {
            try {
                Optional<ClusterLink> link = link(medium, media);
                if (link.isPresent()) {
                    return link.get();
                }
                obstacles.add(medium.link() + " has no address of the right kind, or is down or missing");
            } catch (SocketException e) {
                obstacles.add(medium.link() + ": " + e.getMessage());
            }
        }
        throw new MembershipException("no path of ha.cf can be used: " + String.join("; ", obstacles));
    }

    private static Optional<ClusterLink> link(Medium medium, List<Medium> media) throws SocketException {
        NetworkInterface nic = NetworkInterface.getByName(medium.link());
        if (nic == null || !nic.isUp()) {
            return Optional.empty();
        }
        return switch (medium) {
            case Medium.Serial _ -> Optional.empty();
            case Medium.Bcast bcast -> group(nic, BCAST_GROUP, bcast.port(), 1);
            case Medium.Mcast mcast -> group(nic, mcast.group(), mcast.port(), Math.max(1, mcast.ttl()));
            case Medium.Ucast ucast -> unicast(nic, ucast, media);
        };
    }

    private static Optional<ClusterLink> group(NetworkInterface nic, IpAddress group, int port, int ttl) {
        return addresses(nic, group.isIpv4()).stream()
                .findFirst()
                .map(bind -> new ClusterLink(
                        nic.getName(),
                        bind,
                        port,
                        new ClusterLink.Reach.Multicast(new InetSocketAddress(group.toInetAddress(), port), ttl)));
    }

    /** All {@code ucast} lines of the same interface, port and family are one path; those that name an address of this machine tell which one to bind to. */
    private static Optional<ClusterLink> unicast(NetworkInterface nic, Medium.Ucast first, List<Medium> media) {
        List<InetAddress> own = addresses(nic, first.peer().isIpv4());
        Optional<InetAddress> bind = Optional.empty();
        List<InetSocketAddress> peers = new ArrayList<>();
        for (Medium medium : media) {
            if (medium instanceof Medium.Ucast ucast
                    && ucast.link().equals(first.link())
                    && ucast.port() == first.port()
                    && ucast.peer().family() == first.peer().family()) {
                InetAddress address = ucast.peer().toInetAddress();
                if (own.contains(address)) {
                    bind = Optional.of(address);
                } else {
                    peers.add(new InetSocketAddress(address, ucast.port()));
                }
            }
        }
        return bind.or(() -> inPrefixOf(nic, first.peer()))
                .or(() -> own.stream().findFirst())
                .map(address ->
                        new ClusterLink(nic.getName(), address, first.port(), new ClusterLink.Reach.Unicast(peers)));
    }

    /** The first address of the interface from whose network the peer is; a floating address that was left behind comes after it. */
    private static Optional<InetAddress> inPrefixOf(NetworkInterface nic, IpAddress peer) {
        return nic.getInterfaceAddresses().stream()
                .filter(a -> IpAddress.of(a.getAddress()).inSamePrefix(peer, a.getNetworkPrefixLength()))
                .map(InterfaceAddress::getAddress)
                .findFirst();
    }

    /** The addresses of one family, those that are alone in their network last: floating addresses like to be so. */
    private static List<InetAddress> addresses(NetworkInterface nic, boolean ipv4) {
        int alone = ipv4 ? 32 : 128;
        return nic.getInterfaceAddresses().stream()
                .filter(a -> IpAddress.of(a.getAddress()).isIpv4() == ipv4)
                .sorted(java.util.Comparator.comparing((InterfaceAddress a) -> a.getNetworkPrefixLength() == alone)
                        .thenComparing(a -> a.getAddress().isLinkLocalAddress()))
                .map(InterfaceAddress::getAddress)
                .toList();
    }
}
