package org.halvs.ha.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.halvs.ipvs.sync.ConnectionSync;
import org.halvs.ipvs.sync.SyncCounters;
import org.halvs.ipvs.sync.SyncPort;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes whose connections are bytes, joined by a channel in memory. */
class ConnectionExchangeTest {
    private final Map<String, ConnectionExchange> nodes = new ConcurrentHashMap<>();
    private final AtomicBoolean deaf = new AtomicBoolean();
    private final MemoryPort onA = new MemoryPort();
    private final MemoryPort onB = new MemoryPort();

    /** Connections in memory; each is a byte. */
    private static final class MemoryPort implements SyncPort {
        private final List<Byte> own = new ArrayList<>();
        private final List<Byte> adopted = new ArrayList<>();
        private final Queue<byte[]> outbox = new ArrayDeque<>();
        private Runnable ready = () -> {};
        private boolean sending;

        synchronized void change(int connection) {
            own.add((byte) connection);
            if (sending) {
                outbox.add(new byte[] {(byte) connection});
            }
            ready.run();
        }

        synchronized List<Byte> adopted() {
            return List.copyOf(adopted);
        }

        synchronized boolean sending() {
            return sending;
        }

        @Override
        public synchronized void send(boolean on) {
            sending = on;
        }

        @Override
        public synchronized void whenReady(Runnable whenReady) {
            ready = whenReady;
        }

        @Override
        public synchronized byte @Nullable [] take() {
            return outbox.poll();
        }

        @Override
        public synchronized void adopt(byte[] message, int offset, Runnable done) {
            for (int i = offset; i < message.length; i++) {
                adopted.add(message[i]);
            }
            done.run();
        }

        @Override
        public synchronized void page(long cursor, Consumer<Page> answer) {
            int at = (int) cursor;
            boolean last = at + 1 >= own.size();
            byte[] records = at < own.size() ? new byte[] {own.get(at)} : new byte[0];
            answer.accept(new Page(records, records.length, last ? ConnectionSync.NO_PAGE : at + 1));
        }

        @Override
        public SyncCounters counters() {
            return SyncCounters.NONE;
        }
    }

    private void start(String name, MemoryPort port, long incarnation) {
        nodes.put(name, new ConnectionExchange(name, incarnation, port, (node, message) -> {
            ConnectionExchange other = nodes.get(node);
            if (other != null && !deaf.get()) {
                other.onMessage(name, message);
            }
        }));
    }

    private ConnectionExchange node(String name) {
        return Objects.requireNonNull(nodes.get(name));
    }

    private void view(String... members) {
        for (String member : members) {
            node(member).onView(List.of(members), false);
        }
    }

    @AfterEach
    void close() {
        nodes.values().forEach(ConnectionExchange::close);
    }

    private static void eventually(BooleanSupplier condition) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    @Test
    void aNodeThatComesGetsAllAndThenEachChange() {
        for (int i = 0; i < 20; i++) {
            onA.change(i);
        }
        start("a", onA, 1);
        start("b", onB, 1);
        view("a", "b");
        eventually(() -> onB.adopted().size() == 20);
        eventually(() -> node("a").status().peers().stream().anyMatch(SyncStatus.Peer::hasCopy));
        for (int i = 20; i < 100; i++) {
            onA.change(i);
        }
        eventually(() -> onB.adopted().size() == 100);
        assertThat(onB.adopted().getLast()).isEqualTo((byte) 99);
        assertThat(onA.adopted()).isEmpty();
    }

    @Test
    void nothingIsCollectedForNobody() {
        start("a", onA, 1);
        start("b", onB, 1);
        view("a", "b");
        eventually(onA::sending);
        view("a");
        eventually(() -> !onA.sending());
    }

    @Test
    void aNodeThatCameBackUnnoticedGetsAllAgainAndIsAsked() {
        onA.change(1);
        start("a", onA, 1);
        start("b", onB, 1);
        view("a", "b");
        eventually(() -> onB.adopted().size() == 1);
        ConnectionExchange before = node("b");
        MemoryPort again = new MemoryPort();
        again.change(2);
        start("b", again, 2);
        before.close();
        node("b").onView(List.of("a", "b"), false);
        eventually(() -> again.adopted().size() == 1);
        eventually(() -> onA.adopted().equals(List.of((byte) 2)));
    }

    @Test
    void aPlannedSwitchWaitsForTheCopyButNotForEver() {
        for (int i = 0; i < 50; i++) {
            onA.change(i);
        }
        start("a", onA, 1);
        start("b", onB, 1);
        view("a", "b");
        node("a").awaitCopies(Duration.ofSeconds(20));
        assertThat(onB.adopted()).hasSize(50);
        deaf.set(true);
        MemoryPort onC = new MemoryPort();
        start("c", onC, 1);
        view("a", "b", "c");
        long begun = System.nanoTime();
        node("a").awaitCopies(Duration.ofMillis(300));
        assertThat(System.nanoTime() - begun).isGreaterThan(250_000_000L);
    }
}
