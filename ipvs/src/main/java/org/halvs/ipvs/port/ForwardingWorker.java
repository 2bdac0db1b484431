package org.halvs.ipvs.port;

import java.lang.System.Logger.Level;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.halvs.ipvs.ConnectionPage;
import org.halvs.ipvs.ForwardingStats;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.Timeouts;
import org.halvs.ipvs.forward.IpvsSettings;
import org.halvs.ipvs.forward.NetworkView;
import org.halvs.ipvs.forward.PacketProcessor;
import org.halvs.ipvs.forward.WithheldTraffic;
import org.halvs.ipvs.mark.MarkRule;
import org.halvs.ipvs.sync.SyncPort;
import org.halvs.linux.IpAddress;
import org.halvs.linux.LinuxException;
import org.halvs.linux.MacAddress;
import org.halvs.linux.StackGuard;
import org.halvs.linux.StackRedirect;

/**
 * The thread that forwards: takes frames from all ports, runs the processor to completion, sends, and sleeps when there is nothing to do. It owns
 * the processor, the ports and the guard; other threads reach them by a queue of commands it empties between two batches. Thread-safe.
 *
 * <p>No frame and no failing port ends the thread.
 */
public final class ForwardingWorker implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(ForwardingWorker.class.getName());

    private static final long TICK_NANOS = 100_000_000L;
    /** With no frame for that long, time passes less often: to wake up is most of what an idle director costs. */
    private static final long QUIET_NANOS = 1_000_000_000L;

    private static final long QUIET_TICK_NANOS = 1_000_000_000L;
    /** How often time passes for the processor under load: what is due then is done in small portions. */
    private static final long BUSY_TICK_NANOS = 5_000_000L;

    private static final long GUARD_RETRY_NANOS = 1_000_000_000L;
    private static final long NANOS_A_MILLI = 1_000_000L;
    private static final long ANSWER_MILLIS = 5000;
    private static final long PUBLISH_MILLIS = 200;

    private final PacketProcessor processor;
    private final ForwardingLoop loop;
    private final WorkerSync sync;
    private final Optional<StackGuard> guard;
    private final LocalRedirection redirection;
    private final PortWaiter waiter;
    private final LongSupplier nanoTime;
    private final LongSupplier unixMillis;
    private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private final TroubleLog troubles = new TroubleLog(LOGGER);
    private final Thread thread;
    private WithheldTraffic withheld = WithheldTraffic.NOTHING;
    private ForwardingTable table = ForwardingTable.EMPTY;
    private List<MarkRule> markRules = List.of();
    private NetworkView network = NetworkView.EMPTY;
    private MarkedTraffic marked = MarkedTraffic.NONE;
    private TrafficFilter filter = TrafficFilter.NOTHING;
    private Set<MacAddress> adopted = Set.of();
    private boolean guardBehind;
    private long guardTriedNanos;
    private volatile String guardTrouble = "";
    private volatile boolean closing;

    /**
     * @param guard empty where the kernel has none
     * @param redirect empty where the kernel has none; belongs to the worker
     * @param resolver finds out Ethernet addresses; called by the worker, must return at once
     * @param nanoTime a monotonic clock
     * @param unixMillis the time of day, in milliseconds since 1970
     */
    public ForwardingWorker(
            PacketProcessor processor,
            Optional<StackGuard> guard,
            Optional<StackRedirect> redirect,
            LocalDelivery localDelivery,
            NeighbourResolver resolver,
            PortWaiter waiter,
            LongSupplier nanoTime,
            LongSupplier unixMillis) {
        this.processor = processor;
        this.loop = new ForwardingLoop(processor, localDelivery, resolver::resolve);
        this.sync = new WorkerSync(processor.sync(), this::command, nanoTime);
        this.guard = guard;
        this.redirection = new LocalRedirection(redirect, localDelivery);
        this.waiter = waiter;
        this.nanoTime = nanoTime;
        this.unixMillis = unixMillis;
        this.thread = Thread.ofPlatform().name("fwd-worker").daemon(true).unstarted(this::run);
    }

    /** Finds out the Ethernet address of a neighbour; the answer comes as a new {@link NetworkView}. */
    @FunctionalInterface
    public interface NeighbourResolver {
        void resolve(int interfaceIndex, IpAddress nextHop);
    }

    /** Starts the thread, in the network namespace of the calling thread. */
    public void start() {
        thread.start();
    }

    /** Replaces the ports. Those no longer used are closed. */
    public void ports(List<PacketPort> ports) {
        List<PacketPort> wanted = List.copyOf(ports);
        command(() -> {
            waiter.watch(wanted);
            loop.ports(wanted);
        });
    }

    /** Takes another table into use. Returns when packets follow it and the local stack is held back, or after {@value #PUBLISH_MILLIS} ms. */
    public void publish(ForwardingTable table) {
        CountDownLatch done = new CountDownLatch(1);
        command(() -> {
            apply(table);
            done.countDown();
        });
        try {
            if (!done.await(PUBLISH_MILLIS, TimeUnit.MILLISECONDS)) {
                LOGGER.log(Level.DEBUG, "table {0} is late", table.revision());
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the table is taken into use all the same
        }
    }

    private void apply(ForwardingTable newTable) {
        table = newTable;
        processor.table(newTable, nanoTime.getAsLong());
        followLocalServers();
        followWithheld();
    }

    /** Which servers are on this machine changes with the table and with its addresses. */
    private void followLocalServers() {
        processor.redirected(redirection.follow(table, network, nanoTime.getAsLong()));
    }

    /** The processor's needs change with its table, and when the last connection of a server that left the table ends. */
    private void followWithheld() {
        WithheldTraffic wanted = processor.withheld();
        if (wanted.equals(withheld)) {
            return;
        }
        withheld = wanted;
        followMarks();
        updateGuard();
    }

    /** What mark rules come to changes with them, with the services that go by a mark, and with the network. */
    private void followMarks() {
        marked = MarkedTraffic.of(markRules, withheld.marks(), network);
        loop.marked(marked);
        TrafficFilter wanted = TrafficFilter.of(withheld, marked.networks()).alsoTo(adopted);
        if (!wanted.equals(filter)) {
            filter = wanted;
            loop.filter(wanted);
        }
    }

    public void network(NetworkView view) {
        command(() -> {
            network = view;
            List<StackGuard.Served> before = marked.served();
            followMarks();
            followLocalServers();
            if (!marked.served().equals(before)) {
                updateGuard();
            }
            loop.network(view, nanoTime.getAsLong());
        });
    }

    public void settings(IpvsSettings settings) {
        command(() -> processor.settings(settings));
    }

    /** Takes other rules for firewall marks into use. */
    public void marks(List<MarkRule> rules) {
        List<MarkRule> wanted = List.copyOf(rules);
        command(() -> {
            markRules = wanted;
            followMarks();
            updateGuard();
        });
    }

    /** Takes also frames to these MACs of other machines, in whose place this one serves; no others from now on. */
    public void adopt(Set<MacAddress> macs) {
        Set<MacAddress> wanted = new LinkedHashSet<>(macs);
        command(() -> {
            adopted = wanted;
            processor.adopt(wanted);
            followMarks();
        });
    }

    public void changeTimeouts(Timeouts timeouts) {
        command(() -> processor.changeTimeouts(timeouts));
    }

    public Timeouts timeouts() {
        return ask(processor::timeouts);
    }

    public void zero(Optional<ServiceKey> key) {
        command(() -> processor.zero(key));
    }

    /** The figures now. */
    public ForwardingStats stats() {
        return ask(() -> {
            for (PacketPort port : loop.ports()) {
                if (port instanceof AfPacketPort known) {
                    known.refreshCounters();
                }
            }
            return loop.stats();
        });
    }

    /** See {@link PacketProcessor#connections(int, int, long)}. */
    public ConnectionPage connections(int from, int most) {
        return ask(() -> processor.connections(from, most, nanoTime.getAsLong()));
    }

    /** The processor's connections for another director. */
    public SyncPort sync() {
        return sync;
    }

    /** Why the local stack is not guarded as it should be; empty when all is well. */
    public String guardTrouble() {
        return guardTrouble;
    }

    /** Which real servers on this machine are not served, and why, a line each. */
    public List<String> localTroubles() {
        return redirection.troubles();
    }

    private void command(Runnable command) {
        commands.add(command);
        waiter.wake();
    }

    private <T> T ask(Supplier<T> question) {
        if (thread.getState() == Thread.State.TERMINATED) {
            throw new IllegalStateException("the forwarding worker has ended");
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        command(() -> {
            try {
                answer.complete(question.get());
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        try {
            return answer.get(ANSWER_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the forwarding worker", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the forwarding worker failed to answer", e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("the forwarding worker did not answer in " + ANSWER_MILLIS + " ms", e);
        }
    }

    private void run() {
        long tickedNanos = nanoTime.getAsLong() - TICK_NANOS;
        long expiredNanos = tickedNanos;
        long busyNanos = tickedNanos;
        while (!closing) {
            long now = nanoTime.getAsLong();
            try {
                // before frames and questions: what expired meanwhile counts for neither
                if (now - tickedNanos >= TICK_NANOS) {
                    loop.expire(now);
                    expiredNanos = now;
                    tickedNanos = now;
                    tick(now);
                }
                runCommands();
                int frames = loop.turn(now);
                if (frames > 0) {
                    busyNanos = now;
                    if (now - expiredNanos >= BUSY_TICK_NANOS) {
                        loop.expire(now);
                        expiredNanos = now;
                    }
                }
                sync.turn(now);
                if (frames == 0 && commands.isEmpty()) {
                    boolean quiet = now - busyNanos >= QUIET_NANOS && !isAnythingPending();
                    long tickNanos = tickedNanos + (quiet ? QUIET_TICK_NANOS : TICK_NANOS);
                    long wakeNanos = Math.min(tickNanos, sync.dueNanos());
                    waiter.await(Math.clamp((wakeNanos - now) / NANOS_A_MILLI + 1, 0, 1000));
                }
            } catch (RuntimeException e) {
                troubles.log("the forwarding worker met " + e.getClass().getSimpleName(), e, now);
                pause();
            }
        }
        finish();
    }

    /** A fault that repeats at once must not make the thread spin. */
    private static void pause() {
        try {
            Thread.sleep(10);
        } catch (InterruptedException _) {
            // nobody interrupts this thread with a purpose; close() says so by its flag
        }
    }

    private void runCommands() {
        for (Runnable next = commands.poll(); next != null; next = commands.poll()) {
            next.run();
        }
    }

    /** Whether frames wait for the address of their next hop, or something is to be tried again. */
    private boolean isAnythingPending() {
        return loop.isWaiting() || guardBehind || redirection.isBehind();
    }

    /** What time alone makes due, besides what expires. */
    private void tick(long now) {
        followWithheld();
        sync.snapshot();
        processor.timeOfDay(now, unixMillis.getAsLong());
        if (guardBehind && now - guardTriedNanos >= GUARD_RETRY_NANOS) {
            updateGuard();
        }
        if (redirection.isDue(now)) {
            processor.redirected(redirection.retry(now));
        }
    }

    private void updateGuard() {
        if (guard.isEmpty()) {
            return;
        }
        guardTriedNanos = nanoTime.getAsLong();
        try {
            guard.get().withhold(GuardPlan.served(withheld, marked), GuardPlan.translated(withheld));
            if (guardBehind) {
                LOGGER.log(Level.INFO, "the local stack is guarded again");
            }
            guardBehind = false;
            guardTrouble = "";
        } catch (LinuxException e) {
            if (!guardBehind) {
                LOGGER.log(
                        Level.ERROR,
                        "the local stack is not guarded and may answer clients with resets; retried every second: {0}",
                        e.getMessage());
            }
            guardBehind = true;
            guardTrouble = String.valueOf(e.getMessage());
        }
    }

    private void finish() {
        try {
            guard.ifPresent(StackGuard::remove);
        } catch (LinuxException e) {
            LOGGER.log(Level.ERROR, "the guard of the local stack could not be removed: {0}", e.getMessage());
        }
        guard.ifPresent(StackGuard::close);
        redirection.close();
        loop.close();
        waiter.close();
    }

    /** Stops forwarding, removes the guard and closes the ports. Waits up to 5 s for the thread. */
    @Override
    public void close() {
        closing = true;
        waiter.wake();
        try {
            thread.join(ANSWER_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
