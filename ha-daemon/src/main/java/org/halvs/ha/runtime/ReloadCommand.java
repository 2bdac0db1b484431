package org.halvs.ha.runtime;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.Parsed;
import org.halvs.director.DirectorStatus;
import org.halvs.director.ServicePlan;
import org.halvs.ha.arbitration.ArbitrationConfiguration;
import org.halvs.ha.cluster.ControlLoop;
import org.halvs.ha.config.Authkeys;
import org.halvs.ha.config.ClusterFiles;
import org.halvs.ha.config.DirectorFile;
import org.halvs.ha.config.HalvsYml;
import org.halvs.ha.config.HostFacts;
import org.halvs.ha.config.NodeChangesFile;
import org.halvs.ha.control.Answer;
import org.halvs.ha.event.DomainEvent;
import org.halvs.ha.membership.MembershipException;
import org.halvs.ldirectord.LdirectordPlan;
import org.halvs.ldirectord.daemon.ConfigWatcher;

/**
 * {@code reload} and {@code plan}: reads all files again, on the thread of whoever asks, and either changes what this node does or says what that
 * would be. A file with an error keeps all of them from taking effect.
 */
final class ReloadCommand {
    private static final int REFUSED = 1;

    private final ControlLoop loop;
    private final EventSink events;
    private final Path etc;
    private final HostFacts host;
    private final NodeChangesFile nodes;
    private final RunningFiles running;
    private final Target target;

    /** What a reload changes; called on the control thread. */
    interface Target {
        /** Why this is no moment to change anything; empty when it is one. */
        String obstacle();

        /** The services of an ldirectord file that are in effect; none for one that is not. */
        List<DirectorStatus> services(Path file);

        /** The nodes whose daemons are there. */
        List<String> active();

        /**
         * Makes the files take effect.
         *
         * @throws MembershipException when a path can't be used; then nothing was changed
         */
        void apply(ClusterFiles files, HalvsYml own, Map<Path, ConfigWatcher.Change> services);

        /** Takes other keys; answers whether that needs no restart. */
        boolean changeAuthkeys(Authkeys authkeys);
    }

    /** What was read. */
    private record Reading(
            Parsed<ClusterFiles> files,
            Parsed<HalvsYml> own,
            Map<Path, ConfigWatcher.Change> services,
            List<ConfigProblem> problems) {
        boolean good() {
            return problems.stream().noneMatch(ConfigProblem::isError);
        }

        String text() {
            return problems.stream().map(problem -> problem + "\n").collect(Collectors.joining());
        }
    }

    ReloadCommand(
            ControlLoop loop,
            EventSink events,
            Path etc,
            HostFacts host,
            NodeChangesFile nodes,
            RunningFiles running,
            Target target) {
        this.loop = loop;
        this.events = events;
        this.etc = etc;
        this.host = host;
        this.nodes = nodes;
        this.running = running;
        this.target = target;
    }

    private Reading read() {
        List<ConfigProblem> problems = new ArrayList<>();
        Parsed<ClusterFiles> files = ClusterFiles.read(etc, host, nodes.current());
        Parsed<HalvsYml> own = HalvsYml.read(etc);
        problems.addAll(files.problems());
        problems.addAll(own.problems());
        files.value()
                .ifPresent(read -> own.value()
                        .ifPresent(yml -> problems.addAll(
                                new ArbitrationConfiguration(read.config(), yml.arbitration(), "").problems(etc))));
        Map<Path, ConfigWatcher.Change> services = new LinkedHashMap<>();
        HalvsYml rules = own.value().orElse(HalvsYml.DEFAULT);
        files.value().stream()
                .flatMap(read -> read.groups().stream())
                .flatMap(group -> group.resources().stream())
                .filter(DirectorFile::isDirector)
                .map(resource -> DirectorFile.path(etc, resource))
                .distinct()
                .forEach(file -> {
                    ConfigWatcher.Change change = ConfigWatcher.read(DirectorFile.source(file, rules));
                    services.put(file, change);
                    problems.addAll(problems(file, change));
                });
        return new Reading(files, own, services, problems);
    }

    /**
     * Reads authkeys again and takes other keys, whatever the other files say: keys are changed on one node after the other, and heartbeat
     * takes them as soon as the file has changed.
     */
    void authkeysChanged() {
        Parsed<Authkeys> read = ClusterFiles.authkeys(etc.resolve("authkeys"));
        loop.enqueue(() -> {
            ClusterFiles before = running.cluster();
            if (read.value().isEmpty()) {
                events.emit(new DomainEvent.ConfigurationRefused(
                        etc.resolve("authkeys").toString(), read.errors()));
            } else if (!read.value().get().equals(before.authkeys())) {
                ClusterFiles files =
                        new ClusterFiles(before.config(), read.value().get(), before.groups());
                List<String> changes = ReloadDiff.of(before, files, running.own(), running.own())
                        .changes();
                running.replace(files, running.own());
                events.emit(
                        target.changeAuthkeys(files.authkeys())
                                ? new DomainEvent.Reloaded(changes)
                                : new DomainEvent.Degraded("authkeys", "changed, which needs a restart of the daemon"));
            }
        });
    }

    private static List<ConfigProblem> problems(Path file, ConfigWatcher.Change change) {
        return switch (change) {
            case ConfigWatcher.Changed(var reading) -> reading.result().problems();
            case ConfigWatcher.Unreadable(String reason) ->
                List.of(ConfigProblem.error(file.toString(), 0, "", "can't be read: " + reason, ""));
            case ConfigWatcher.Vanished _ -> List.of(ConfigProblem.error(file.toString(), 0, "", "is missing", ""));
        };
    }

    private static ServicePlan plan(ConfigWatcher.Change change) {
        return change instanceof ConfigWatcher.Changed(var reading)
                ? reading.result().value().map(LdirectordPlan::services).orElse(ServicePlan.EMPTY)
                : ServicePlan.EMPTY;
    }

    /** Reads everything again. Everything takes effect, or nothing. */
    Answer reload() {
        return answer(true);
    }

    /** What {@link #reload} would do. */
    Answer plan() {
        return answer(false);
    }

    private Answer answer(boolean effect) {
        Reading reading = read();
        if (!reading.good()) {
            if (effect) {
                loop.enqueue(() -> events.emit(new DomainEvent.ConfigurationRefused(
                        etc.toString(),
                        reading.problems().stream()
                                .filter(ConfigProblem::isError)
                                .toList())));
            }
            return Answer.failed(
                    REFUSED, reading.text() + "halvs: these errors keep every change from taking effect\n");
        }
        ClusterFiles files = reading.files().value().orElseThrow();
        HalvsYml own = reading.own().value().orElseThrow();
        Function<Boolean, Answer> step = now -> step(files, own, reading.services(), now);
        return loop.ask(() -> step.apply(effect)).join();
    }

    /** On the control thread. */
    private Answer step(ClusterFiles read, HalvsYml ownRead, Map<Path, ConfigWatcher.Change> services, boolean effect) {
        EffectiveFiles files = EffectiveFiles.of(running.cluster(), read, running.own(), ownRead, target.active());
        List<String> changes =
                new ArrayList<>(ReloadDiff.of(running.cluster(), files.cluster(), running.own(), files.own())
                        .changes());
        services.forEach((file, change) ->
                changes.addAll(ServiceDiff.of(file.getFileName() + ": ", target.services(file), plan(change))));
        if (effect && !changes.isEmpty()) {
            String obstacle = target.obstacle();
            if (!obstacle.isEmpty()) {
                return Answer.failed(REFUSED, "halvs: nothing was changed: " + obstacle + "; try again\n");
            }
            try {
                target.apply(files.cluster(), files.own(), services);
            } catch (MembershipException e) {
                events.emit(new DomainEvent.Degraded("reload", "nothing was changed: " + e.getMessage()));
                return Answer.failed(REFUSED, "halvs: nothing was changed: " + e.getMessage() + "\n");
            }
            running.replace(files.cluster(), files.own());
            events.emit(new DomainEvent.Reloaded(changes));
        } else if (effect) {
            events.emit(new DomainEvent.Reloaded(List.of()));
        }
        if (effect) {
            files.later().forEach(what -> events.emit(new DomainEvent.Degraded("reload", "not changed: " + what)));
        }
        return Answer.ok(text(changes, files.later(), effect));
    }

    private static String text(List<String> changes, List<String> later, boolean effect) {
        if (changes.isEmpty() && later.isEmpty()) {
            return "nothing has changed\n";
        }
        StringBuilder text = new StringBuilder();
        changes.forEach(change -> text.append(effect ? "changed: " : "would change: ")
                .append(change)
                .append('\n'));
        later.forEach(change -> text.append(effect ? "not changed: " : "would not change: ")
                .append(change)
                .append('\n'));
        return text.toString();
    }
}
