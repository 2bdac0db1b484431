package org.halvs.ldirectord.daemon;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.halvs.check.CheckResult;
import org.halvs.check.ProbeKey;
import org.halvs.check.runner.CheckRunner;
import org.halvs.check.runner.Probe;
import org.halvs.director.Director;
import org.halvs.director.DirectorEffect;
import org.halvs.director.DirectorEvent;
import org.halvs.director.DirectorStep;
import org.halvs.director.EventText;
import org.halvs.director.kernel.ApplyReport;
import org.halvs.director.kernel.CommandFailure;
import org.halvs.director.kernel.Drift;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ldirectord.EmailAlert.DaemonStatus;
import org.halvs.ldirectord.LdirectordOptions;
import org.halvs.ldirectord.LdirectordPlan;
import org.halvs.ldirectord.LdirectordReading;
import org.halvs.ldirectord.OriginalMessage;

/**
 * ldirectord without the high availability around it: checks real servers and keeps the kernel's table accordingly, until a signal ends it.
 *
 * <p>All state belongs to the thread that calls {@link #run}. Results of checks, signals and reports of the plane reach it through a queue;
 * whatever may take time (ipvsadm, mails, programs, name look-ups) runs elsewhere.
 */
public final class LdirectordDaemon {
    private static final System.Logger LOG = System.getLogger(LdirectordDaemon.class.getName());
    /** How long checks that have begun may go on when the daemon ends; the table is clean by then. */
    private static final Duration CHECK_PATIENCE = Duration.ofSeconds(1);

    private static final Duration TABLE_PATIENCE = Duration.ofSeconds(60);
    private static final Duration COMMAND_PATIENCE = Duration.ofSeconds(10);
    private static final Duration MAIL_PATIENCE = Duration.ofSeconds(10);
    /** How often the maintenance directory and the reminders are looked at. */
    private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

    private final DaemonSettings settings;
    private final DaemonOutput out;
    private final LinkedBlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
    private final CheckRunner runner;
    private final DaemonPlane plane;
    private final CommandQueue commands;
    private final CommandQueue callbacks;
    private final MailQueue mails;
    private final MailDecisions mailDecisions;
    private final MonitorFiles monitors;
    private final HostNameCache hostNames = new HostNameCache();
    private final Set<ProbeKey> unheard = new HashSet<>();
    private final ConfigWatch configWatch;
    private LdirectordPlan plan;
    private final Director director;
    private DaemonStatus status = DaemonStatus.STARTING;
    private long nextLookNanos;
    private long nextConfigLookNanos;
    private Optional<String> endedBy = Optional.empty();

    /**
     * Takes over the table as it is and starts to check.
     *
     * @param plan what the configuration said when it was read for the start
     */
    public LdirectordDaemon(DaemonSettings settings, LdirectordPlan plan, DaemonOutput out) {
        this.settings = settings;
        this.plan = plan;
        this.out = out;
        this.configWatch = new ConfigWatch(settings.config().look());
        this.commands = new CommandQueue("commands", this::logLater);
        this.callbacks = new CommandQueue("callbacks", this::logLater);
        this.mails = new MailQueue(settings.mail(), this::logLater);
        this.mailDecisions = new MailDecisions(settings.host());
        this.monitors = new MonitorFiles(this::logLater);
        this.runner = new CheckRunner(settings.checkers(), this::hear);
        this.plane = settings.plane().open(report -> enqueue(() -> applied(report)));
        List<CommandFailure> failures = new ArrayList<>();
        ForwardingTable current = plane.observe(failures);
        failures.forEach(failure -> out.log(failure.describe()));
        mailDecisions.follow(plan);
        monitors.follow(plan);
        long now = System.nanoTime();
        this.director = new Director(plan.services(), current, now);
        nextLookNanos = now;
        nextConfigLookNanos = now + configInterval();
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
        sayWhatIsDifferent();
        carryOut(director.firstStep());
        plane.publish(director.table());
        lookAtMaintenance(System.nanoTime());
        followProbes();
        while (endedBy.isEmpty()) {
            work();
        }
        shutDown(endedBy.get());
        return 0;
    }

    private void sayWhatIsDifferent() {
        if (plane.program().isEmpty()) {
            out.log("Forwarding: " + plane.description());
        }
        if (plan.options().fork()) {
            out.log(
                    "fork=yes: checks never wait for each other here, so no virtual service needs a process of its own");
        }
    }

    private void work() {
        try {
            long wait = Math.max(0, nextDueNanos() - System.nanoTime());
            Runnable task = inbox.poll(wait, TimeUnit.NANOSECONDS);
            while (task != null && endedBy.isEmpty()) {
                attempt(task);
                task = inbox.poll();
            }
        } catch (InterruptedException e) {
            end("INT");
        }
        if (endedBy.isEmpty()) {
            attempt(() -> timers(System.nanoTime()));
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

    private long nextDueNanos() {
        OptionalLong tick = director.nextTickNanos(System.nanoTime());
        return Math.min(nextLookNanos, Math.min(nextConfigLookNanos, tick.orElse(Long.MAX_VALUE)));
    }

    private void timers(long now) {
        OptionalLong tick = director.nextTickNanos(now);
        if (tick.isPresent() && tick.getAsLong() <= now) {
            carryOut(director.tick(now));
        }
        if (now >= nextLookNanos) {
            nextLookNanos = now + LOOK_NANOS;
            lookAtMaintenance(now);
            mail(mailDecisions.reminders(director.status(now), status, now));
        }
        if (now >= nextConfigLookNanos) {
            nextConfigLookNanos = now + configInterval();
            lookAtConfig();
        }
    }

    /** COMPAT: once a cycle, or each second where ldirectord's parent would have nothing else to do. */
    private long configInterval() {
        return plan.options().fork()
                ? LOOK_NANOS
                : plan.options().checkInterval().toNanos();
    }

    private void enqueue(Runnable task) {
        inbox.add(task);
    }

    private void logLater(String line) {
        enqueue(() -> out.log(line));
    }

    private void hear(ProbeKey probe, CheckResult result, long startedNanos, long durationNanos) {
        enqueue(() -> result(probe, result));
    }

    private void result(ProbeKey probe, CheckResult result) {
        if (status == DaemonStatus.STOPPING) {
            return;
        }
        monitors.write(probe, result);
        carryOut(director.result(probe, result, System.nanoTime()));
        if (status == DaemonStatus.STARTING) {
            unheard.remove(probe);
            nowRunning();
        }
    }

    /** COMPAT: the first check of every server belongs to the start, for the filter of mails; then the configurations of execute follow. */
    private void nowRunning() {
        if (status == DaemonStatus.STARTING && unheard.isEmpty()) {
            status = DaemonStatus.RUNNING;
            plan.options().execute().forEach(name -> callOther(name, "start"));
        }
    }

    private void callOther(String name, String verb) {
        List<String> words = new ArrayList<>(settings.ownCommand());
        words.addAll(List.of(name, verb));
        callbacks.run(words);
    }

    private void followProbes() {
        List<Probe> probes = director.probes().stream()
                .map(scheduled -> new Probe(scheduled.key(), interval(scheduled.interval())))
                .toList();
        if (status == DaemonStatus.STARTING) {
            probes.forEach(probe -> unheard.add(probe.key()));
        }
        runner.update(probes);
        nowRunning();
    }

    /** COMPAT: without fork a checkinterval of a virtual service counts for nothing. */
    private Duration interval(Duration ofServices) {
        return plan.options().fork() ? ofServices : plan.options().checkInterval();
    }

    /** Logs, mails, runs and publishes what was decided. */
    private void carryOut(DirectorStep step) {
        for (DirectorEvent event : step.events()) {
            out.log(EventText.logLine(event));
            String reason = EventText.reason(event);
            if (!reason.isEmpty()) {
                out.debug(reason);
            }
            mail(mailDecisions.about(List.of(event), status));
        }
        for (DirectorEffect effect : step.effects()) {
            switch (effect) {
                case DirectorEffect.FallbackCommand command -> commands.shell(command.shellLine());
            }
        }
        if (step.changed()) {
            plane.publish(step.table());
        }
    }

    private void mail(List<MailDecisions.Due> due) {
        for (MailDecisions.Due mail : due) {
            out.log(mail.logLine());
            mails.send(mail.mail());
        }
    }

    private void applied(ApplyReport report) {
        report.commands().forEach(line -> out.debug("Running system(" + plane.program() + " " + line + ")"));
        report.failures().forEach(failure -> out.log(failure.describe()));
        report.drift().forEach(drift -> out.log("Table changed: " + drift.describe()));
        if (!report.withheld().isEmpty() && status != DaemonStatus.STOPPING) {
            long now = System.nanoTime();
            for (Drift.ServerRemoved removed : report.withheld()) {
                carryOut(director.removedByHand(removed.service(), removed.server(), now));
            }
            plane.readd();
            plane.publish(director.table());
        }
    }

    private void lookAtMaintenance(long now) {
        Optional<String> directory = plan.options().maintenanceDir();
        List<String> files = directory.map(this::files).orElse(List.of());
        boolean named = Maintenance.wantsNames(files);
        carryOut(director.maintenance(
                Maintenance.match(
                        plan.services(), files, address -> named ? hostNames.nameOf(address) : Optional.empty()),
                now));
    }

    /** The names in a directory; none when it can't be read, as in ldirectord. */
    private List<String> files(String directory) {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of(directory))) {
            entries.forEach(entry -> names.add(String.valueOf(entry.getFileName())));
        } catch (IOException e) {
            out.debug("can not read maintenance directory " + directory + ": " + e.getMessage());
        }
        return names;
    }

    private void lookAtConfig() {
        Path path = settings.config().path();
        switch (configWatch.judge(settings.config().look())) {
            case SAME -> {}
            case VANISHED -> out.log("Warning [" + pid() + "]: can not open file " + path + " for checking");
            case CHANGED -> {
                out.log("Configuration file '" + path + "' has changed on disk");
                if (plan.options().autoReload()) {
                    out.log(" - reread new configuration");
                    reload();
                } else {
                    out.log(" - ignore new configuration");
                }
                plan.options().callback().ifPresent(program -> callbacks.run(List.of(program, path.toString())));
            }
        }
    }

    private void reloadOnSignal() {
        out.log("Reloading Linux Director Daemon config on signal");
        reload();
    }

    /** All or nothing: a file with an error changes nothing at all. */
    private void reload() {
        Optional<LdirectordPlan> read = readAgain();
        if (read.isEmpty()) {
            return;
        }
        DaemonStatus before = status;
        status = DaemonStatus.RELOADING;
        LdirectordOptions old = plan.options();
        plan = read.get();
        out.follow(plan.options());
        mailDecisions.follow(plan);
        monitors.follow(plan);
        carryOut(director.replacePlan(plan.services(), System.nanoTime()));
        status = before;
        followProbes();
        lookAtMaintenance(System.nanoTime());
        followOthers(old.execute(), plan.options().execute());
    }

    private void followOthers(List<String> before, List<String> after) {
        before.stream().filter(name -> !after.contains(name)).forEach(name -> callOther(name, "stop"));
        after.stream().filter(name -> !before.contains(name)).forEach(name -> callOther(name, "start"));
    }

    private Optional<LdirectordPlan> readAgain() {
        try {
            LdirectordReading reading = settings.config().read();
            for (OriginalMessage message : reading.originals()) {
                out.log(message.render(
                        Long.toString(pid()), settings.config().path().toString()));
            }
            reading.result().problems().forEach(problem -> out.log(problem.toString()));
            return reading.result().value();
        } catch (IOException e) {
            out.log("Error [" + pid() + "]: can not open file "
                    + settings.config().path());
            return Optional.empty();
        }
    }

    private void end(String signal) {
        if (endedBy.isEmpty()) {
            endedBy = Optional.of(signal);
        }
    }

    private void shutDown(String signal) {
        status = DaemonStatus.STOPPING;
        runner.drain();
        plan.options().execute().forEach(name -> callOther(name, "stop"));
        carryOut(director.stop());
        if (!plane.awaitApplied(TABLE_PATIENCE)) {
            out.log("the table could not be cleaned within " + TABLE_PATIENCE.toSeconds() + " s");
        }
        plane.close();
        // COMPAT: a check that has begun, perhaps a program of the administrator, may end; ldirectord waited however
        // long that took
        runner.awaitIdle(CHECK_PATIENCE);
        runner.close();
        commands.finish(COMMAND_PATIENCE);
        callbacks.finish(COMMAND_PATIENCE);
        mails.finish(MAIL_PATIENCE);
        drainReports();
        out.log("Linux Director Daemon terminated on signal: " + signal);
    }

    /** What the helpers had still to say. */
    private void drainReports() {
        for (Runnable task = inbox.poll(); task != null; task = inbox.poll()) {
            attempt(task);
        }
        commands.close();
        callbacks.close();
        mails.close();
    }

    private static long pid() {
        return ProcessHandle.current().pid();
    }
}
