package org.halvs.ha.runtime;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.halvs.ha.cluster.ClusterNode;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.ha.config.HalvsYml;
import org.halvs.ha.config.Medium;
import org.halvs.ha.membership.ClusterMessage;
import org.halvs.ha.membership.Membership;
import org.halvs.ha.sync.ConnectionExchange;
import org.halvs.ha.sync.SyncStatus;
import org.halvs.ipvs.admin.SyncDaemon;
import org.halvs.ipvs.plane.ForwardingPlane;
import org.halvs.ipvs.plane.InProcessPlane;
import org.halvs.ipvs.sync.SyncBatch;
import org.halvs.linux.IpAddress;

/** The exchange of connections with the other nodes, where this node takes part in it. Thread-safe. */
final class NodeSync implements AutoCloseable {
    /** A planned switch waits so long for a node that has just come and is still getting its copy. */
    private static final Duration COPY_LIMIT = Duration.ofSeconds(5);

    private final Optional<ConnectionExchange> exchange;

    private NodeSync(Optional<ConnectionExchange> exchange) {
        this.exchange = exchange;
    }

    /** The kernel's ip_vs has its own daemons for this, which the administrator starts with ipvsadm. */
    static NodeSync open(HalvsYml own, ForwardingPlane plane, Membership membership, long incarnation) {
        return new NodeSync(
                own.connectionSync() && plane instanceof InProcessPlane inProcess
                        ? Optional.of(new ConnectionExchange(
                                membership.localNode(),
                                incarnation,
                                inProcess.sync(),
                                (node, message) -> membership.send(
                                        node, new ClusterMessage(ClusterMessage.Kind.CONNECTIONS, message).encode())))
                        : Optional.empty());
    }

    /** Called before the membership is started. */
    void follow(ClusterNode cluster) {
        exchange.ifPresent(each -> {
            cluster.onMessage(ClusterMessage.Kind.CONNECTIONS, each::onMessage);
            cluster.onView(view -> each.onView(view.members(), view.merge()));
        });
    }

    /** Before this node gives up what it serves: waits until the others can go on with it. */
    void awaitCopies() {
        exchange.ifPresent(each -> each.awaitCopies(COPY_LIMIT));
    }

    SyncStatus status() {
        return exchange.map(ConnectionExchange::status).orElse(SyncStatus.OFF);
    }

    /**
     * What {@code ipvsadm -L --daemon} shows when no daemon was started by hand: a master where services are forwarded, else a backup, with the
     * first path of ha.cf in the place of a multicast group, for that is where messages go.
     */
    List<SyncDaemon> daemons(ClusterConfig config, ForwardingPlane plane) {
        SyncDaemon.Role role = plane.table().entries().isEmpty() ? SyncDaemon.Role.BACKUP : SyncDaemon.Role.MASTER;
        if (exchange.isEmpty()) {
            return List.of();
        }
        return config.media().stream()
                .map(medium -> daemon(role, medium))
                .flatMap(Optional::stream)
                .limit(1)
                .toList();
    }

    private static Optional<SyncDaemon> daemon(SyncDaemon.Role role, Medium medium) {
        return switch (medium) {
            case Medium.Ucast ucast ->
                Optional.of(new SyncDaemon(role, ucast.link(), 0, SyncBatch.BYTES, ucast.peer(), ucast.port(), 1));
            case Medium.Mcast mcast ->
                Optional.of(new SyncDaemon(
                        role, mcast.link(), 0, SyncBatch.BYTES, mcast.group(), mcast.port(), mcast.ttl()));
            case Medium.Bcast bcast ->
                Optional.of(new SyncDaemon(
                        role, bcast.link(), 0, SyncBatch.BYTES, IpAddress.of("255.255.255.255"), bcast.port(), 1));
            case Medium.Serial _ -> Optional.empty();
        };
    }

    @Override
    public void close() {
        exchange.ifPresent(ConnectionExchange::close);
    }
}
