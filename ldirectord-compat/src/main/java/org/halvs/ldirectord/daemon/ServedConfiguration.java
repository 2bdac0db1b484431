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
import org.halvs.check.CheckResult;
import org.halvs.check.ProbeKey;
import org.halvs.check.runner.Probe;
import org.halvs.director.Director;
import org.halvs.director.DirectorEffect;
import org.halvs.director.DirectorEvent;
import org.halvs.director.DirectorStep;
import org.halvs.director.EventText;
import org.halvs.director.ServerAddress;
import org.halvs.director.ServerOverride;
import org.halvs.director.kernel.Drift;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ldirectord.EmailAlert.DaemonStatus;
import org.halvs.ldirectord.LdirectordOptions;
import org.halvs.ldirectord.LdirectordPlan;
import org.halvs.ldirectord.LdirectordReading;
import org.halvs.ldirectord.OriginalMessage;

/**
 * One ldirectord.cf and everything it causes: the table its director decides on, and beyond it log lines, mails, fallback commands, callbacks,
 * monitor files, maintenance, and the configurations it names. The program ldirectord serves one of them; the daemon of a pair one for each of
 * its resources.
 *
 * <p>It may be known without being in service, on the node that stands by: then its checks and its maintenance directory are followed, so that it
 * is ready, and nothing of it is heard outside.
 *
 * <p>Confined to the control thread of its {@link Host}; what may take time runs elsewhere and comes back through {@link Host#enqueue}.
 */
public final class ServedConfiguration implements AutoCloseable {
    /** How often the maintenance directory and the reminders are looked at. */
    private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

    /** Who serves a configuration. */
    public interface Host {
        /** Runs a task on the control thread, soon. Thread-safe. */
        void enqueue(Runnable task);

        /** The director decided something, in service or not. */
        void decided(DirectorEvent event);

        /** The table of the director is another one, and in service. */
        void tableChanged();

        /** Another plan is in effect, from which a table begins that others have changed. */
        void reloaded();

        /** Other probes are wanted: those of {@link ServedConfiguration#probes}. */
        void probesChanged();
    }

    private final Path file;
    private final Host host;
    private final DaemonOutput out;
    private final Errands errands;
    private final MailDecisions mailDecisions;
    private final Director director;
    private final Set<ProbeKey> unheard = new HashSet<>();
    private LdirectordPlan plan;
    private DaemonStatus status = DaemonStatus.STARTING;
    private boolean inService;
    /** Whether nothing has happened since the first step of the director. */
    private boolean fresh = true;

    private long nextLookNanos;

    /**
     * Takes over the table as it is; nothing is heard of it before {@link #begin}.
     *
     * @param file of the configuration, for messages and callbacks
     * @param plan what it said when it was read
     * @param current what stands in the table now
     */
    public ServedConfiguration(
            Path file,
            LdirectordPlan plan,
            ForwardingTable current,
            Surroundings surroundings,
            DaemonOutput out,
            Host host,
            long nowNanos) {
        this.file = file;
        this.plan = plan;
        this.out = out;
        this.host = host;
        this.errands = new Errands(surroundings, this::logLater);
        this.mailDecisions = new MailDecisions(surroundings.host());
        this.director = new Director(plan.services(), current, nowNanos);
        this.nextLookNanos = nowNanos;
        mailDecisions.follow(plan);
        errands.monitors().follow(plan);
        director.probes().forEach(probe -> unheard.add(probe.key()));
        director.firstStep().events().forEach(host::decided);
    }

    /** Its checks and its maintenance directory are followed from now on. */
    public void prepare(long nowNanos) {
        lookAtMaintenance(nowNanos);
        followProbes();
    }

    /** It is in service from now on: its table counts, and what it causes happens. */
    public void begin() {
        inService = true;
        status = DaemonStatus.STARTING;
        out.follow(plan.options());
        if (plan.options().fork()) {
            out.log(
                    "fork=yes: checks never wait for each other here, so no virtual service needs a process of its own");
        }
        DirectorStep step = fresh ? director.firstStep() : director.inventory();
        fresh = false;
        tell(step.events());
        run(step.effects());
        host.tableChanged();
        nowRunning();
    }

    /**
     * It is out of service from now on; its checks go on as long as somebody asks for {@link #probes}.
     *
     * @return what {@code cleanstop = no} leaves in the table
     */
    public ForwardingTable end() {
        status = DaemonStatus.STOPPING;
        plan.options().execute().forEach(name -> errands.callOther(name, "stop"));
        DirectorStep step = director.stop();
        step.events().forEach(host::decided);
        tell(step.events());
        run(step.effects());
        inService = false;
        return step.table();
    }

    public boolean inService() {
        return inService;
    }

    public Director director() {
        return director;
    }

    public LdirectordPlan plan() {
        return plan;
    }

    /** The checks it wants. */
    public List<Probe> probes() {
        return director.probes().stream()
                .map(scheduled -> new Probe(scheduled.key(), interval(scheduled.interval())))
                .toList();
    }

    /** COMPAT: without fork a checkinterval of a virtual service counts for nothing. */
    private Duration interval(Duration ofServices) {
        return plan.options().fork() ? ofServices : plan.options().checkInterval();
    }

    /** A probe has ended. */
    public void checked(ProbeKey probe, CheckResult result, long nowNanos) {
        if (inService) {
            errands.monitors().write(probe, result);
        }
        carryOut(director.result(probe, result, nowNanos));
        if (!unheard.isEmpty()) {
            unheard.remove(probe);
            nowRunning();
        }
    }

    /** COMPAT: the first check of every server belongs to the start, for the filter of mails; then the configurations of execute follow. */
    private void nowRunning() {
        if (inService && status == DaemonStatus.STARTING && unheard.isEmpty()) {
            status = DaemonStatus.RUNNING;
            plan.options().execute().forEach(name -> errands.callOther(name, "start"));
        }
    }

    /** An operator orders something for the servers of an address, or takes the order back when it is empty. */
    public DirectorStep override(ServerAddress address, Optional<ServerOverride> order, long nowNanos) {
        DirectorStep step = director.override(address, order, nowNanos);
        carryOut(step);
        return step;
    }

    /** Somebody removed servers from the table. */
    public void removedByHand(List<Drift.ServerRemoved> servers, long nowNanos) {
        for (Drift.ServerRemoved removed : servers) {
            carryOut(director.removedByHand(removed.service(), removed.server(), nowNanos));
        }
    }

    /** When {@link #timers} is due next; {@link Long#MAX_VALUE} when it never is. */
    public long nextDueNanos(long nowNanos) {
        OptionalLong tick = director.nextTickNanos(nowNanos);
        boolean looking = plan.options().maintenanceDir().isPresent() || inService && mailDecisions.wantsReminders();
        return Math.min(looking ? nextLookNanos : Long.MAX_VALUE, tick.orElse(Long.MAX_VALUE));
    }

    /** Does what time asks for. */
    public void timers(long nowNanos) {
        OptionalLong tick = director.nextTickNanos(nowNanos);
        if (tick.isPresent() && tick.getAsLong() <= nowNanos) {
            carryOut(director.tick(nowNanos));
        }
        if (nowNanos - nextLookNanos >= 0) {
            nextLookNanos = nowNanos + LOOK_NANOS;
            lookAtMaintenance(nowNanos);
            if (inService && mailDecisions.wantsReminders()) {
                mail(mailDecisions.reminders(director.status(nowNanos), status, nowNanos));
            }
        }
    }

    /**
     * Whether a change of the file counts: where {@code autoreload = yes}, and as long as it is out of service, for who begins to serve a file
     * begins with what it says then.
     */
    public boolean follows(ConfigWatcher.Change change) {
        return !(change instanceof ConfigWatcher.Vanished) && (plan.options().autoReload() || !inService);
    }

    /** Whether a server an operator removed from the table stays out of it. */
    public boolean respectsRemovals() {
        return !plan.services().readdQuiescent();
    }

    /** Its file has changed: it is read again where that {@link #follows}. */
    public void changed(ConfigWatcher.Change change, long nowNanos) {
        switch (change) {
            case ConfigWatcher.Vanished _ ->
                log("Warning [" + pid() + "]: can not open file " + file + " for checking");
            case ConfigWatcher.Unreadable _, ConfigWatcher.Changed _ -> {
                log("Configuration file '" + file + "' has changed on disk");
                if (follows(change)) {
                    log(" - reread new configuration");
                    reload(change, nowNanos);
                } else {
                    log(" - ignore new configuration");
                }
                if (inService) {
                    plan.options().callback().ifPresent(program -> errands.callback(program, file.toString()));
                }
            }
        }
    }

    /** Takes what was read. All or nothing: a file with an error changes nothing at all. */
    public void reload(ConfigWatcher.Change change, long nowNanos) {
        switch (change) {
            case ConfigWatcher.Changed(LdirectordReading reading) -> {
                for (OriginalMessage message : reading.originals()) {
                    log(message.render(Long.toString(pid()), file.toString()));
                }
                reading.result().problems().forEach(problem -> log(problem.toString()));
                reading.result().value().ifPresent(plan -> replace(plan, nowNanos));
            }
            case ConfigWatcher.Unreadable _, ConfigWatcher.Vanished _ ->
                log("Error [" + pid() + "]: can not open file " + file);
        }
    }

    private void replace(LdirectordPlan newPlan, long nowNanos) {
        DaemonStatus before = status;
        status = DaemonStatus.RELOADING;
        LdirectordOptions old = plan.options();
        plan = newPlan;
        if (inService) {
            out.follow(plan.options());
        }
        mailDecisions.follow(plan);
        errands.monitors().follow(plan);
        Set<ProbeKey> known = keys();
        carryOut(director.replacePlan(plan.services(), nowNanos));
        status = before;
        if (inService) {
            host.reloaded();
        }
        if (status == DaemonStatus.STARTING) {
            Set<ProbeKey> now = keys();
            unheard.retainAll(now);
            now.removeAll(known);
            unheard.addAll(now);
        }
        followProbes();
        lookAtMaintenance(nowNanos);
        if (inService) {
            followOthers(old.execute(), plan.options().execute());
        }
    }

    private Set<ProbeKey> keys() {
        Set<ProbeKey> keys = new HashSet<>();
        director.probes().forEach(probe -> keys.add(probe.key()));
        return keys;
    }

    private void followOthers(List<String> before, List<String> after) {
        before.stream().filter(name -> !after.contains(name)).forEach(name -> errands.callOther(name, "stop"));
        after.stream().filter(name -> !before.contains(name)).forEach(name -> errands.callOther(name, "start"));
    }

    private void followProbes() {
        host.probesChanged();
        nowRunning();
    }

    private void lookAtMaintenance(long nowNanos) {
        Optional<String> directory = plan.options().maintenanceDir();
        List<String> files = directory.map(this::files).orElse(List.of());
        boolean named = Maintenance.wantsNames(files);
        carryOut(director.maintenance(
                Maintenance.match(
                        plan.services(), files, address -> named ? errands.nameOf(address) : Optional.empty()),
                nowNanos));
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

    private void carryOut(DirectorStep step) {
        fresh &= step.events().isEmpty() && step.effects().isEmpty() && !step.changed();
        step.events().forEach(host::decided);
        if (!inService) {
            return;
        }
        tell(step.events());
        run(step.effects());
        if (step.changed()) {
            host.tableChanged();
        }
    }

    private void tell(List<DirectorEvent> events) {
        for (DirectorEvent event : events) {
            out.log(EventText.logLine(event));
            String reason = EventText.reason(event);
            if (!reason.isEmpty()) {
                out.debug(reason);
            }
            mail(mailDecisions.about(List.of(event), status));
        }
    }

    private void run(List<DirectorEffect> effects) {
        for (DirectorEffect effect : effects) {
            switch (effect) {
                case DirectorEffect.FallbackCommand command -> errands.shell(command.shellLine());
            }
        }
    }

    private void mail(List<MailDecisions.Due> due) {
        for (MailDecisions.Due mail : due) {
            out.log(mail.logLine());
            errands.mail(mail.mail());
        }
    }

    /** A line for the log of the configuration, which is silent while it is out of service. */
    private void log(String line) {
        if (inService) {
            out.log(line);
        }
    }

    private void logLater(String line) {
        host.enqueue(() -> out.log(line));
    }

    private static long pid() {
        return ProcessHandle.current().pid();
    }

    /** Waits, a limited time, for what is under way: programs, mails, lines of monitor files. */
    @Override
    public void close() {
        errands.close();
    }
}
