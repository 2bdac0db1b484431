package org.halvs.ha.arbitration;

import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.IntConsumer;
import org.halvs.ha.config.PingTarget;
import org.halvs.linux.IcmpEcho;
import org.halvs.linux.IpAddress;

/**
 * Pings the {@code ping} and {@code ping_group} nodes of ha.cf, as heartbeat did at the pace of keepalive, but not more often than five times a second: they
 * are other people's routers. One virtual thread a ping node.
 */
public final class PingNodes implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PingNodes.class.getName());
    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(200);

    private final IcmpEcho echo;
    private final List<PingTarget> targets;
    private final Duration interval;
    private final IntConsumer changed;
    private final PingCount count;
    private final List<Thread> threads = new ArrayList<>();
    private OptionalInt told = OptionalInt.empty();
    private boolean closed;

    private PingNodes(
            IcmpEcho echo, List<PingTarget> targets, Duration keepalive, Duration deadping, IntConsumer changed) {
        this.echo = echo;
        this.targets = List.copyOf(targets);
        this.interval = interval(keepalive);
        this.changed = changed;
        this.count = new PingCount(targets.size(), deadping.toNanos(), System.nanoTime());
    }

    /** How often each is pinged: every keepalive, at most every 200 ms. */
    public static Duration interval(Duration keepalive) {
        return keepalive.compareTo(SHORTEST_INTERVAL) > 0 ? keepalive : SHORTEST_INTERVAL;
    }

    /** Whether each ping node answers, by its name; without an entry where that is not known yet. */
    public synchronized Map<String, Boolean> answering() {
        long now = System.nanoTime();
        Map<String, Boolean> answers = new LinkedHashMap<>();
        for (int i = 0; i < targets.size(); i++) {
            String name = targets.get(i).name();
            count.answers(i, now).ifPresent(up -> answers.put(name, up));
        }
        return answers;
    }

    /**
     * Begins.
     *
     * @param changed gets the number of ping nodes that answer, first when it is known of all and then whenever it changes; on threads of this, one call at a time
     */
    public static PingNodes start(
            IcmpEcho echo, List<PingTarget> targets, Duration keepalive, Duration deadping, IntConsumer changed) {
        PingNodes pings = new PingNodes(echo, targets, keepalive, deadping, changed);
        for (int i = 0; i < targets.size(); i++) {
            int target = i;
            pings.threads.add(
                    Thread.ofVirtual().name("ping-" + targets.get(i).name()).start(() -> pings.watch(target)));
        }
        return pings;
    }

    private void watch(int target) {
        try {
            while (!Thread.interrupted()) {
                long begun = System.nanoTime();
                for (String address : targets.get(target).addresses()) {
                    if (answers(address)) {
                        tell(target, true);
                        break; // one member of a group is enough
                    }
                }
                tell(target, false);
                long left = interval.toNanos() - (System.nanoTime() - begun);
                Thread.sleep(Duration.ofNanos(Math.max(1_000_000, left)));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (IllegalStateException e) {
            LOG.log(Level.DEBUG, "ping of {0}: {1}", targets.get(target).name(), e.getMessage());
        }
    }

    private boolean answers(String name) throws InterruptedException {
        try {
            IpAddress address = IpAddress.of(InetAddress.getByName(name));
            return echo.ping(address, interval) instanceof IcmpEcho.EchoResult.Answered;
        } catch (UnknownHostException _) {
            return false; // a ping node whose name nobody knows does not answer
        }
    }

    private synchronized void tell(int target, boolean answered) {
        long now = System.nanoTime();
        if (answered) {
            count.answered(target, now);
        }
        OptionalInt number = count.count(now);
        if (!closed && number.isPresent() && !number.equals(told)) {
            told = number;
            changed.accept(number.getAsInt());
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        threads.forEach(Thread::interrupt);
    }
}
