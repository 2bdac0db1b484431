package org.halvs.ha.runtime;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.halvs.director.ServerAddress;
import org.halvs.director.ServerOverride;
import org.halvs.ha.cluster.ControlLoop;
import org.halvs.ha.event.DomainEvent;
import org.halvs.ha.membership.ClusterMessage;
import org.halvs.ha.membership.Membership;

/**
 * All that operators ordered for real servers, the same on all nodes: every order goes to the other nodes, and whoever joins gets all of them, so that a takeover
 * keeps them. Of two orders for a server the later one holds, also one that took the others back. It ends with the last node that knows it. Confined to the
 * control thread but for {@link #onMessage}.
 */
final class OrderBook {
    private final ControlLoop loop;
    private final EventSink events;
    private final Membership membership;
    private final Supplier<List<String>> members;
    private final Consumer<ServerOrder> carryOut;
    private final Map<ServerAddress, ServerOrder> orders = new LinkedHashMap<>();

    /**
     * @param members who is there, this node among them; asked on the control thread
     * @param carryOut makes an order hold on this node; on the control thread
     */
    OrderBook(
            ControlLoop loop,
            EventSink events,
            Membership membership,
            Supplier<List<String>> members,
            Consumer<ServerOrder> carryOut) {
        this.loop = loop;
        this.events = events;
        this.membership = membership;
        this.members = members;
        this.carryOut = carryOut;
    }

    /** An operator ordered something here. */
    void order(Collection<ServerAddress> servers, Optional<ServerOverride> order, long nowMillis) {
        List<ServerOrder> given = servers.stream()
                .map(server -> new ServerOrder(
                        server, order, Math.max(nowMillis, versionOf(server) + 1), membership.localNode()))
                .toList();
        given.forEach(this::take);
        membership.broadcast(message(given));
    }

    /** The other nodes that are there, which get every order. */
    List<String> others() {
        return members.get().stream()
                .filter(node -> !node.equals(membership.localNode()))
                .toList();
    }

    private long versionOf(ServerAddress server) {
        return Optional.ofNullable(orders.get(server)).map(ServerOrder::version).orElse(0L);
    }

    private void take(ServerOrder order) {
        orders.put(order.server(), order);
        carryOut.accept(order);
    }

    /** The orders that hold, the oldest first. */
    List<ServerOrder> standing() {
        return orders.values().stream()
                .filter(order -> order.order().isPresent())
                .sorted(java.util.Comparator.comparingLong(ServerOrder::version))
                .toList();
    }

    private static byte[] message(Collection<ServerOrder> orders) {
        String text = orders.stream().map(ServerOrder::line).collect(Collectors.joining("\n"));
        return new ClusterMessage(ClusterMessage.Kind.ORDERS, text.getBytes(StandardCharsets.UTF_8)).encode();
    }

    /** Nodes that have just become members do not know what was ordered. */
    void joined(List<String> nodes) {
        if (!orders.isEmpty()) {
            byte[] all = message(orders.values());
            nodes.stream()
                    .filter(node -> !node.equals(membership.localNode()))
                    .forEach(node -> membership.send(node, all));
        }
    }

    /** Another node says what was ordered. May be called from any thread. */
    void onMessage(String node, byte[] body) {
        List<ServerOrder> told = new String(body, StandardCharsets.UTF_8)
                .lines()
                .flatMap(line -> ServerOrder.parse(line).stream())
                .toList();
        loop.enqueue(() -> told.forEach(order -> heard(node, order)));
    }

    private void heard(String node, ServerOrder order) {
        if (order.version() > versionOf(order.server())) {
            take(order);
            events.emit(new DomainEvent.DirectorChanged(
                    order.name(),
                    "an operator ordered on " + order.node() + " for " + order.name() + ": " + order.text()
                            + (node.equals(order.node()) ? "" : " (told by " + node + ")")));
        }
    }
}
