package org.halvs.bench;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.packet.IpProtocol;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The connection table beside its naive twin, a {@link HashMap} from records to objects: finding the server's address and restarting the timer
 * of random connections in batches of 32.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(FrameRing.BATCH)
public class TableBenchmark {
    private record Key(int protocol, long client, int clientPort, long virtual, int virtualPort) {}

    private static final class Twin {
        final long destination;
        long expiresNanos;

        Twin(long destination) {
            this.destination = destination;
        }
    }

    private static final int MILLIS = 900_000;
    private static final long VIP = Director.VIP.low();

    @Param({"4000", "1000000"})
    public int flows = 4000;

    private ConnectionTable table = new ConnectionTable(1, 1, 0);
    private final Map<Key, Twin> map = new HashMap<>();
    private final int[] hashes = new int[FrameRing.BATCH];
    private final int[] drawn = new int[FrameRing.BATCH];
    private long random = 0x9e3779b97f4a7c15L;
    private long nowNanos;

    @Setup
    public void fill() {
        table = new ConnectionTable(0x5eed, flows, 0);
        for (int flow = 0; flow < flows; flow++) {
            long client = FrameRing.client(flow);
            int port = FrameRing.clientPort(flow);
            int entry = table.add(0, IpProtocol.TCP, 0, client, port, 0, VIP, 80, MILLIS, 0);
            table.destination(entry, 0, flow, 8080);
            map.put(new Key(IpProtocol.TCP, client, port, VIP, 80), new Twin(flow));
        }
    }

    private void draw() {
        nowNanos += 1000;
        for (int i = 0; i < FrameRing.BATCH; i++) {
            random ^= random << 13;
            random ^= random >>> 7;
            random ^= random << 17;
            drawn[i] = (int) ((random >>> 32) * flows >>> 32);
        }
    }

    @Benchmark
    public long table() {
        draw();
        for (int i = 0; i < FrameRing.BATCH; i++) {
            int flow = drawn[i];
            hashes[i] = table.hash(IpProtocol.TCP, 0, FrameRing.client(flow), FrameRing.clientPort(flow));
        }
        long sum = 0;
        for (int i = 0; i < FrameRing.BATCH; i++) {
            hashes[i] = table.first(hashes[i]);
            sum += table.touch(hashes[i]);
        }
        for (int i = 0; i < FrameRing.BATCH; i++) {
            long client = FrameRing.client(drawn[i]);
            int port = FrameRing.clientPort(drawn[i]);
            int entry = table.findInbound(hashes[i], false, IpProtocol.TCP, 0, client, port, 0, VIP, 80);
            sum += table.destinationLow(entry);
            table.restart(entry, nowNanos);
        }
        return sum;
    }

    @Benchmark
    public long hashMap() {
        draw();
        long sum = 0;
        for (int i = 0; i < FrameRing.BATCH; i++) {
            int flow = drawn[i];
            Key key = new Key(IpProtocol.TCP, FrameRing.client(flow), FrameRing.clientPort(flow), VIP, 80);
            Twin twin = map.get(key);
            if (twin != null) {
                sum += twin.destination;
                twin.expiresNanos = Math.max(twin.expiresNanos, nowNanos + MILLIS * 1_000_000L);
            }
        }
        return sum;
    }
}
