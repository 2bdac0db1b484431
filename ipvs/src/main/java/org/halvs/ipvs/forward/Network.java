package org.halvs.ipvs.forward;

import java.util.Optional;
import org.halvs.linux.IpAddress;
import org.jspecify.annotations.Nullable;

/** The network view in use and its look-ups for the data path. */
final class Network {
    /** The first octet of addresses of a host for itself. */
    static final int LOOPBACK = 127;

    private static final long IPV6_LOOPBACK = 1;
    private static final long BROADCAST = 0xffffffffL;

    private NetworkView view = NetworkView.EMPTY;
    private long generation;

    // The destination looked up last; IPv4 0.0.0.0 to begin with, which is not local.
    private boolean lastIpv4 = true;
    private long lastHigh;
    private long lastLow;
    private boolean lastLocal;

    NetworkView view() {
        return view;
    }

    void view(NetworkView replacement) {
        view = replacement;
        lastLocal = view.isLocal(lastIpv4, lastHigh, lastLow);
        generation++;
    }

    /** Changes with every new view. */
    long generation() {
        return generation;
    }

    /** Finds the way to an address; allocates nothing. */
    void resolve(boolean ipv4, long high, long low, Hop hop) {
        resolve(view.isLocal(ipv4, high, low), ipv4, high, low, hop);
    }

    /** As {@link #resolve(boolean, long, long, Hop)}, for an address that is known to be local or not. */
    void resolve(boolean local, boolean ipv4, long high, long low, Hop hop) {
        hop.local = local;
        fill(view.path(ipv4, high, low), ipv4, high, low, hop);
    }

    /**
     * Finds the way of a packet with a source.
     *
     * @param inputInterface where it came in, or {@link PolicyRouting#OWN}
     */
    void resolve(
            boolean local,
            boolean ipv4,
            long high,
            long low,
            long sourceHigh,
            long sourceLow,
            long mark,
            int inputInterface,
            Hop hop) {
        hop.local = local;
        fill(view.path(ipv4, high, low, sourceHigh, sourceLow, mark, inputInterface), ipv4, high, low, hop);
    }

    private static void fill(NetworkView.@Nullable Path path, boolean ipv4, long high, long low, Hop hop) {
        hop.reachable = path != null && path.mtu() > 0;
        hop.hasSource = false;
        if (path == null || !hop.reachable) {
            hop.mtu = 0;
            hop.refusal = path == null ? null : path.route().kind();
            return;
        }
        hop.interfaceIndex = path.interfaceIndex();
        hop.mtu = path.mtu();
        hop.sourceMac = path.sourceMac();
        IpAddress gateway = path.gateway();
        if (gateway == null) {
            hop.nextIpv4 = ipv4;
            hop.nextHigh = high;
            hop.nextLow = low;
            hop.targetMac = path.neighbour(ipv4, high, low);
        } else {
            hop.nextIpv4 = gateway.isIpv4();
            hop.nextHigh = gateway.high();
            hop.nextLow = gateway.low();
            hop.targetMac = path.gatewayMac();
        }
    }

    /** Finds the way to a real server, with the source address for packets of the director's own. */
    void resolve(IpAddress address, Hop hop) {
        resolve(address.isIpv4(), address.high(), address.low(), hop);
        Optional<IpAddress> source = view.source(view.route(address), address);
        hop.hasSource = source.isPresent();
        source.ifPresent(own -> {
            hop.sourceHigh = own.high();
            hop.sourceLow = own.low();
        });
    }

    /** Fills in the source of a packet the director makes for an address to which {@code hop} leads; false when it has none. */
    boolean sourceToward(boolean ipv4, long high, long low, Hop hop) {
        IpAddress address = new IpAddress(ipv4 ? IpAddress.Family.IPV4 : IpAddress.Family.IPV6, high, low);
        Optional<IpAddress> source = view.source(view.route(address), address);
        source.ifPresent(own -> {
            hop.sourceHigh = own.high();
            hop.sourceLow = own.low();
        });
        return source.isPresent();
    }

    /** The length of the prefix of the route to an address, 0 when there is none. */
    int prefixLength(boolean ipv4, long high, long low) {
        NetworkView.Path path = view.path(ipv4, high, low);
        return path == null ? 0 : path.route().prefixLength();
    }

    /** Whether a packet's destination is one of the director's addresses; that of the packet before is recognised at once. */
    boolean isLocalDestination(boolean ipv4, long high, long low) {
        if (low == lastLow && high == lastHigh && ipv4 == lastIpv4) {
            return lastLocal;
        }
        lastIpv4 = ipv4;
        lastHigh = high;
        lastLow = low;
        lastLocal = view.isLocal(ipv4, high, low);
        return lastLocal;
    }

    boolean isLocal(boolean ipv4, long high, long low) {
        return view.isLocal(ipv4, high, low);
    }

    /** Whether an address is that of one host that is not the director ({@code RTN_UNICAST} of {@code inet_addr_type}, and its like of IPv6). */
    boolean isAnothers(boolean ipv4, long high, long low) {
        boolean ofOneHost =
                ipv4 ? low >>> 24 != 0 && low != BROADCAST && !isBroadcast((int) low) : high != 0 || low != 0;
        return ofOneHost && !isMulticast(ipv4, high, low) && !isLocal(ipv4, high, low);
    }

    /** Whether an address is that of a group of hosts (RFC 5771, RFC 4291 section 2.7). */
    static boolean isMulticast(boolean ipv4, long high, long low) {
        return ipv4 ? low >>> 28 == 0xe : high >>> 56 == 0xff;
    }

    /**
     * Whether no packet comes from an address, however it got here: that of a group of hosts, none at all, or of the loopback
     * ({@code ip_route_input_slow}, {@code ip6_rcv_core}).
     */
    static boolean isMartianSource(boolean ipv4, long high, long low) {
        long first = low >>> 24;
        boolean ofNobody = ipv4 ? low == 0 || first == LOOPBACK || low == BROADCAST : high == 0 && low == IPV6_LOOPBACK;
        return ofNobody || isMulticast(ipv4, high, low);
    }

    /** Whether an address is the last one of a network the director is in. */
    private boolean isBroadcast(int address) {
        for (NetworkView.Interface each : view.interfaces()) {
            for (NetworkView.InterfaceAddress one : each.addresses()) {
                if (one.address().isIpv4()
                        && one.prefixLength() < 31
                        && address == (one.address().ipv4() | -1 >>> one.prefixLength())) {
                    return true;
                }
            }
        }
        return false;
    }
}
