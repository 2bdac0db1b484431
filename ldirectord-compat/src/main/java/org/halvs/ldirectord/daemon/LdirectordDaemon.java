package org.halvs.ldirectord.daemon;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.halvs.check.CheckResult;
import org.halvs.check.ProbeKey;
import org.halvs.check.runner.CheckRunner;
import org.halvs.check.runner.ProbeReport;
import org.halvs.check.runner.ResultListener;
import org.halvs.director.DirectorEvent;
import org.halvs.director.kernel.ApplyReport;
import org.halvs.director.kernel.CommandFailure;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ldirectord.LdirectordPlan;

/**
 * ldirectord without the high availability around it: checks real servers and keeps a table accordingly, until a signal ends it.
 *
 * <p>All state belongs to the thread that calls {@link #run}. Results of checks, signals, changes of the file and reports of the plane reach it
 * through a queue; whatever may take time (ipvsadm, mails, programs, name look-ups) runs elsewhere.
 */
public final class LdirectordDaemon {
    private static final System.Logger LOG = System.getLogger(LdirectordDaemon.class.getName());
    /** How long checks that have begun may go on when the daemon ends; the table is clean by then. */
    private static final Duration CHECK_PATIENCE = Duration.ofSeconds(1);

    private static final Duration TABLE_PATIENCE = Duration.ofSeconds(60);

    private final DaemonSettings settings;
    private final DaemonOutput out;
    private final LinkedBlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
    private final CheckRunner runner;
    private final DaemonPlane plane;
    private final ServedConfiguration served;
    private Optional<String> endedBy = Optional.empty();

    /**
     * Takes over the table as it is and starts to check.
     *
     * @param plan what the configuration said when it was read for the start
     */
    public LdirectordDaemon(DaemonSettings settings, LdirectordPlan plan, DaemonOutput out) {
        this.settings = settings;
        this.out = out;
        this.runner = new CheckRunner(settings.checkers(), new Results());
        this.plane = settings.plane().open(report -> enqueue(() -> applied(report)));
        List<CommandFailure> failures = new ArrayList<>();
        ForwardingTable current = plane.observe(failures);
        failures.forEach(failure -> out.log(failure.describe()));
        this.served = new ServedConfiguration(
                settings.config().path(),
                plan,
                current,
                settings.surroundings(),
                out,
                new Control(),
                System.nanoTime());
    }

    /** What a configuration wants from the control thread. */
    private final class Control implements ServedConfiguration.Host {
        @Override
        public void enqueue(Runnable task) {
            LdirectordDaemon.this.enqueue(task);
        }

        /** It is in the log already. */
        @Override
        public void decided(DirectorEvent event) {}

        @Override
        public void tableChanged() {
            plane.publish(served.director().table());
        }

        @Override
        public void reloaded() {
            plane.readd();
            plane.publish(served.director().table());
        }

        @Override
        public void probesChanged() {
            runner.update(served.probes());
        }
    }

    /** Handles the signals of ldirectord: those that end it, and HUP for a reload. */
    public void handleSignals() {
        Signals.handle(Signals.ENDING, name -> enqueue(() -> end(name)));
        Signals.handle(List.of("HUP"), name -> enqueue(this::reloadOnSignal));
    }

    /** Ends {@link #run} as a signal of that name would. Thread-safe. */
    public void stop(String signal) {
        enqueue(() -> end(signal));
    }

    /**
     * Runs until a signal ends it, and returns when the table is as {@code cleanstop} wants it.
     *
     * @return the exit status, 0
     */
    public int run() {
        if (plane.program().isEmpty()) {
            out.log("Forwarding: " + plane.description());
        }
        try (ConfigWatcher _ = new ConfigWatcher(List.of(settings.config()), this::fileChanged)) {
            served.begin();
            served.prepare(System.nanoTime());
            while (endedBy.isEmpty()) {
                work();
            }
        }
        shutDown(endedBy.get());
        return 0;
    }

    private void work() {
        try {
            long now = System.nanoTime();
            long wait = Math.max(0, served.nextDueNanos(now) - now);
            Runnable task = inbox.poll(wait, TimeUnit.NANOSECONDS);
            while (task != null && endedBy.isEmpty()) {
                attempt(task);
                task = inbox.poll();
            }
        } catch (InterruptedException e) {
            end("INT");
        }
        long now = System.nanoTime();
        if (endedBy.isEmpty() && served.nextDueNanos(now) - now <= 0) {
            attempt(() -> served.timers(now));
        }
    }

    /** A mistake of ours must not end the checks of everything else. */
    private void attempt(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a step of the control loop failed", e);
            out.log("internal error: " + e);
        }
    }

    private void enqueue(Runnable task) {
        inbox.add(task);
    }

    /** Brings the results of probes to the control thread. */
    private final class Results implements ResultListener {
        @Override
        public void onResult(ProbeKey probe, CheckResult result, long startedNanos, long durationNanos) {
            enqueue(() -> served.checked(probe, result, System.nanoTime()));
        }

        @Override
        public void onResults(List<ProbeReport> reports) {
            enqueue(() -> reports.forEach(
                    report -> attempt(() -> served.checked(report.key(), report.result(), System.nanoTime()))));
        }
    }

    private void applied(ApplyReport report) {
        report.commands().forEach(line -> out.debug("Running system(" + plane.program() + " " + line + ")"));
        report.failures().forEach(failure -> out.log(failure.describe()));
        report.drift().forEach(drift -> out.log("Table changed: " + drift.describe()));
        if (!report.withheld().isEmpty() && served.inService()) {
            served.removedByHand(report.withheld(), System.nanoTime());
            plane.readd();
            plane.publish(served.director().table());
        }
    }

    private void fileChanged(ConfigSource file, ConfigWatcher.Change change) {
        enqueue(() -> served.changed(change, System.nanoTime()));
    }

    private void reloadOnSignal() {
        out.log("Reloading Linux Director Daemon config on signal");
        Thread.ofVirtual().name("reload").start(() -> {
            ConfigWatcher.Change read = ConfigWatcher.read(settings.config());
            enqueue(() -> served.reload(read, System.nanoTime()));
        });
    }

    private void end(String signal) {
        if (endedBy.isEmpty()) {
            endedBy = Optional.of(signal);
        }
    }

    private void shutDown(String signal) {
        runner.drain();
        plane.publish(served.end());
        if (!plane.awaitApplied(TABLE_PATIENCE)) {
            out.log("the table could not be cleaned within " + TABLE_PATIENCE.toSeconds() + " s");
        }
        plane.close();
        // COMPAT: a check that has begun, perhaps a program of the administrator, may end; ldirectord waited however
        // long that took
        runner.awaitIdle(CHECK_PATIENCE);
        runner.close();
        served.close();
        drainReports();
        out.log("Linux Director Daemon terminated on signal: " + signal);
    }

    /** What the helpers had still to say. */
    private void drainReports() {
        for (Runnable task = inbox.poll(); task != null; task = inbox.poll()) {
            attempt(task);
        }
    }
}
