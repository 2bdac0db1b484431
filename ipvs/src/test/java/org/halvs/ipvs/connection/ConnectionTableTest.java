package org.halvs.ipvs.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/** The table against a naive one made of plain maps, over random operations; {@code halvs.table.operations} asks for more of them. */
class ConnectionTableTest {
    private static final int OPERATIONS = Integer.getInteger("halvs.table.operations", 400_000);

    private record Key(boolean ipv6, int protocol, long high, long low, int port, long virtual, int virtualPort) {}

    /** What the naive table knows of an entry. */
    private static final class Naive {
        final int index;
        final Key key;
        final long server;
        long deadline;

        Naive(int index, Key key, long server) {
            this.index = index;
            this.key = key;
            this.server = server;
        }
    }

    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(7);
    private final Map<Key, Naive> model = new HashMap<>();
    private final ConnectionTable table = new ConnectionTable(99, 40_000, 0);
    private long nowNanos;

    @Test
    void agreesWithANaiveModel() {
        for (int i = 0; i < OPERATIONS; i++) {
            int draw = random.nextInt(100);
            if (draw < 45) {
                addOrTouch(randomKey());
            } else if (draw < 90) {
                lookUp(randomKey());
            } else if (draw < 97) {
                remove(randomKey());
            } else {
                letTimePass();
            }
        }
        assertThat(table.size()).isEqualTo(model.size());
        for (Naive each : model.values()) {
            assertThat(find(each.key)).isEqualTo(each.index);
        }
        nowNanos += 100_000_000_000_000L;
        expire();
        assertThat(table.size()).isZero();
    }

    private Key randomKey() {
        boolean ipv6 = random.nextInt(3) == 0;
        return new Key(
                ipv6,
                random.nextBoolean() ? 6 : 17,
                ipv6 ? random.nextInt(3) : 0,
                random.nextInt(3000),
                1 + random.nextInt(12),
                random.nextInt(2),
                80);
    }

    private int find(Key key) {
        return find(key, table.first(key.protocol, key.high, key.low, key.port));
    }

    private int find(Key key, int first) {
        return table.findInbound(
                first, key.ipv6, key.protocol, key.high, key.low, key.port, 0, key.virtual, key.virtualPort);
    }

    private void lookUp(Key key) {
        Naive known = model.get(key);
        assertThat(find(key)).isEqualTo(known == null ? ConnectionTable.NONE : known.index);
        if (known != null) {
            int first = table.ofClient(table.first(key.protocol, key.high, key.low, key.port), key.low, key.port);
            assertThat(find(key, first)).isEqualTo(known.index);
            int back = table.findOutbound(
                    table.first(key.protocol, key.high, key.low, key.port),
                    key.ipv6,
                    key.protocol,
                    key.high,
                    key.low,
                    key.port,
                    0,
                    known.server,
                    8080);
            assertThat(back).isEqualTo(known.index);
        }
    }

    private void addOrTouch(Key key) {
        Naive known = model.get(key);
        int millis = 1 + random.nextInt(random.nextInt(20) == 0 ? 100_000_000 : 200_000);
        if (known != null) {
            table.timeoutMillis(known.index, millis);
            table.restart(known.index, nowNanos);
            known.deadline = nowNanos + millis * 1_000_000L;
            return;
        }
        int index = table.add(
                key.ipv6 ? ConnectionFlag.IPV6 : 0,
                key.protocol,
                key.high,
                key.low,
                key.port,
                0,
                key.virtual,
                key.virtualPort,
                millis,
                nowNanos);
        if (model.size() == table.capacity()) {
            assertThat(index).isEqualTo(ConnectionTable.NONE);
            return;
        }
        assertThat(index).isNotNegative();
        Naive added = new Naive(index, key, 1000 + random.nextInt(5) + key.virtual * 10);
        added.deadline = nowNanos + millis * 1_000_000L;
        table.destination(index, 0, added.server, 8080);
        model.put(key, added);
    }

    private void remove(Key key) {
        Naive known = model.remove(key);
        if (known != null) {
            table.remove(known.index);
        }
    }

    private void letTimePass() {
        nowNanos += random.nextLong(random.nextInt(50) == 0 ? 60_000_000_000L : 300_000_000L);
        expire();
    }

    private void expire() {
        List<Integer> expired = new ArrayList<>();
        table.expire(nowNanos, (index, now) -> {
            expired.add(index);
            table.remove(index);
        });
        Map<Integer, Key> due = new TreeMap<>();
        model.values().stream()
                .filter(each -> each.deadline <= nowNanos)
                .forEach(each -> due.put(each.index, each.key));
        assertThat(expired).containsExactlyInAnyOrderElementsOf(due.keySet());
        due.values().forEach(model::remove);
    }

    @Test
    void anEntryTakesNoMoreThanItsShare() {
        assertThat(ConnectionTable.ENTRY + 2 * Integer.BYTES).isLessThanOrEqualTo(128);
    }
}
