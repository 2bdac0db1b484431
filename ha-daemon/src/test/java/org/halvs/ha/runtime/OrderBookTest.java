package org.halvs.ha.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.director.ServerAddress;
import org.halvs.director.ServerOverride;
import org.halvs.ha.cluster.ControlLoop;
import org.halvs.ha.membership.ClusterMessage;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.membership.Membership;
import org.halvs.ha.membership.MembershipListener;
import org.halvs.ha.membership.SimNetwork;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OrderBookTest {
    private static final ServerAddress WEB = new ServerAddress(IpAddress.of("10.0.0.1"), 80);
    private static final Optional<ServerOverride> DRAIN = Optional.of(new ServerOverride.Drain());

    private final SimNetwork network = new SimNetwork();
    private final List<ControlLoop> loops = new ArrayList<>();

    /** A node with a book. */
    private final class Node {
        final ControlLoop loop = ControlLoop.start(() -> {});
        final List<String> carriedOut = new ArrayList<>();
        final OrderBook book;

        Node(String name) {
            loops.add(loop);
            Membership membership = network.membership(name);
            book = new OrderBook(
                    loop,
                    new EventSink(name, List.of(), (_, _) -> {}),
                    membership,
                    () -> List.of("lb1", "lb2"),
                    order -> carriedOut.add(order.name() + " " + order.text()));
            membership.start(new MembershipListener() {
                @Override
                public void onView(ClusterView view) {}

                @Override
                public void onMessage(String node, byte[] message) {
                    book.onMessage(
                            node, ClusterMessage.decode(message).orElseThrow().body());
                }
            });
            network.deliverAll();
        }

        void order(Optional<ServerOverride> order, long millis) {
            loop.ask(() -> {
                        book.order(List.of(WEB), order, millis);
                        return true;
                    })
                    .join();
            network.deliverAll();
        }

        List<String> carriedOut() {
            return loop.ask(() -> List.copyOf(carriedOut)).join();
        }

        List<String> standing() {
            return loop.ask(() ->
                            book.standing().stream().map(ServerOrder::text).toList())
                    .join();
        }
    }

    @AfterEach
    void close() {
        loops.forEach(ControlLoop::close);
    }

    @Test
    void anOrderHoldsOnAllNodesAndForThoseThatJoin() {
        Node lb1 = new Node("lb1");
        Node lb2 = new Node("lb2");
        lb1.order(DRAIN, 1_000);
        assertThat(lb2.carriedOut()).containsExactly("10.0.0.1:80 no new connections");
        Node lb3 = new Node("lb3");
        lb2.book.joined(List.of("lb3"));
        network.deliverAll();
        assertThat(lb3.standing()).containsExactly("no new connections");
        lb3.order(Optional.empty(), 900); // its clock is behind
        assertThat(lb1.standing()).isEmpty();
        assertThat(lb1.carriedOut()).last().isEqualTo("10.0.0.1:80 the weight of its configuration");
    }

    @Test
    void ofTwoOrdersTheLaterHolds() {
        Node lb1 = new Node("lb1");
        lb1.order(DRAIN, 1_000);
        lb1.order(Optional.of(new ServerOverride.Weight(3)), 2_000);
        Node lb2 = new Node("lb2");
        lb2.order(DRAIN, 1_500);
        assertThat(lb1.standing()).as("what lb2 did not know of came later").containsExactly("weight 3");
        lb1.book.joined(List.of("lb2"));
        network.deliverAll();
        assertThat(lb2.standing()).containsExactly("weight 3");
    }
}
