package org.halvs.director.kernel;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.halvs.ipvs.ConnectionPage;
import org.halvs.ipvs.ForwardingStats;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.Timeouts;
import org.halvs.ipvs.plane.ForwardingPlane;

/**
 * The kernel's ip_vs as a forwarding plane. One thread of its own runs ipvsadm, always for the table published last; the table is compared
 * again on a slow timer, and what others changed is repaired and reported.
 *
 * <p>Closing leaves the kernel's table as it is: what should remain is published before, as {@code cleanstop} says.
 */
public final class KernelPlane implements ForwardingPlane {
    /** How often the table is compared when nothing changes. */
    public static final Duration AUDIT_INTERVAL = Duration.ofSeconds(30);

    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(30);

    private static final System.Logger LOG = System.getLogger(KernelPlane.class.getName());

    /** What is done about changes by others. */
    public enum Repair {
        /** All of them are taken back. */
        ALL,
        /** A server that was removed waits for {@link #readd}, so that the director can be asked; the rest is taken back. */
        WITHHOLD_REMOVED,
        /** They stay until the director wants something else of the server they are about, or {@link #readd}. */
        KEEP_CHANGES
    }

    /** Hears what came of each application, on the plane's own thread; returns quickly. */
    @FunctionalInterface
    public interface Listener {
        void applied(ApplyReport report);
    }

    private final IpvsadmProgram program;
    private final KernelTable table;
    private final KernelFigures figures;
    private final Listener listener;
    private final AtomicReference<ForwardingTable> desired = new AtomicReference<>(ForwardingTable.EMPTY);
    private final AtomicBoolean due = new AtomicBoolean();
    private final AtomicBoolean published = new AtomicBoolean();
    private final ScheduledFuture<?> audits;
    private final ScheduledExecutorService worker = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("ipvsadm").factory());

    /** A plane that puts back whatever somebody removes. */
    public KernelPlane(IpvsadmProgram program) {
        this(program, AUDIT_INTERVAL, Repair.ALL, report -> {});
    }

    /**
     * @param auditInterval positive
     */
    public KernelPlane(IpvsadmProgram program, Duration auditInterval, Repair repair, Listener listener) {
        this.program = program;
        this.table = new KernelTable(program, repair);
        this.figures = new KernelFigures(program);
        this.listener = listener;
        long nanos = auditInterval.toNanos();
        this.audits = worker.scheduleWithFixedDelay(this::audit, nanos, nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public String description() {
        return "the kernel's ip_vs through " + program.path();
    }

    /** What the kernel has now, for a director to start from; waits for ipvsadm. Empty when it can't be listed. */
    public Optional<ForwardingTable> observe(List<CommandFailure> failures) {
        List<CommandFailure> seen = new ArrayList<>();
        Optional<ForwardingTable> found = waitFor(
                        () -> table.observe(seen).map(ObservedTable::table), Duration.ofMinutes(1))
                .flatMap(answer -> answer);
        failures.addAll(seen);
        return found;
    }

    @Override
    public void publish(ForwardingTable newTable) {
        desired.set(newTable);
        published.set(true);
        if (due.compareAndSet(false, true)) {
            submit(this::applyDue);
        }
    }

    /** Servers that were withheld are put back with the next publication, where the table still has them. */
    public void readd() {
        submit(table::readd);
    }

    /** Waits until everything published so far has been applied; {@code false} when that took longer than {@code patience}. */
    public boolean awaitApplied(Duration patience) {
        return waitFor(() -> Boolean.TRUE, patience).isPresent();
    }

    @Override
    public ForwardingTable table() {
        return desired.get();
    }

    @Override
    public ForwardingStats stats() {
        return figures.stats(desired.get(), System.nanoTime());
    }

    @Override
    public ConnectionPage connections(int from, int most) {
        return new ConnectionPage(
                figures.connections(desired.get()), ConnectionPage.END); // one run of ipvsadm has them all
    }

    @Override
    public Timeouts timeouts() {
        return figures.timeouts();
    }

    @Override
    public void changeTimeouts(Timeouts timeouts) {
        figures.changeTimeouts(timeouts);
    }

    @Override
    public void zero(Optional<ServiceKey> key) {
        figures.zero(key);
    }

    /** Applies what is still to be applied, and ends the plane's thread. */
    @Override
    public void close() {
        audits.cancel(false);
        awaitApplied(CLOSE_PATIENCE);
        worker.shutdownNow();
    }

    private void applyDue() {
        due.set(false);
        apply();
    }

    private void audit() {
        if (published.get()) {
            apply();
        }
    }

    private void apply() {
        try {
            listener.applied(table.apply(desired.get()));
        } catch (RuntimeException e) {
            // the executor would drop the timer silently
            LOG.log(System.Logger.Level.ERROR, "the kernel's table could not be compared", e);
        }
    }

    private void submit(Runnable work) {
        try {
            worker.execute(work);
        } catch (RejectedExecutionException e) {
            LOG.log(System.Logger.Level.DEBUG, "closed already", e);
        }
    }

    private <T> Optional<T> waitFor(Callable<T> work, Duration patience) {
        try {
            return Optional.of(worker.submit(work).get(patience.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException | RejectedExecutionException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
