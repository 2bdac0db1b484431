package org.halvs.ha.membership;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * The path the cluster's messages take, as the transport needs it.
 *
 * @param bind a literal address of this machine on the path's interface
 * @param port UDP port of this node, 1 to 65535; 100 above it (1124 above it when that is below 1024) the TCP port that shows a crash
 * @param reach how the others are addressed
 */
public record ClusterLink(String interfaceName, InetAddress bind, int port, Reach reach) {
    static final int CRASH_PORT_OFFSET = 100;

    /** How the others are addressed. */
    public sealed interface Reach {
        /** One datagram for each of them. */
        record Unicast(List<InetSocketAddress> peers) implements Reach {
            public Unicast {
                peers = List.copyOf(peers);
            }
        }

        /**
         * One datagram for all.
         *
         * @param ttl routers it may pass, at least 1
         */
        record Multicast(InetSocketAddress group, int ttl) implements Reach {}
    }
}
