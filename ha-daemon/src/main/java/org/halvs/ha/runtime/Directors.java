package org.halvs.ha.runtime;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.halvs.check.CheckResult;
import org.halvs.check.ProbeKey;
import org.halvs.check.runner.CheckRunner;
import org.halvs.check.runner.Probe;
import org.halvs.dialect.ConfigProblem;
import org.halvs.director.DirectorEvent;
import org.halvs.director.DirectorStatus;
import org.halvs.director.EventText;
import org.halvs.director.ServerAddress;
import org.halvs.director.ServerOverride;
import org.halvs.director.kernel.ApplyReport;
import org.halvs.director.kernel.Drift;
import org.halvs.ha.cluster.ControlLoop;
import org.halvs.ha.event.DomainEvent;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ldirectord.LdirectordPlan;
import org.halvs.ldirectord.daemon.ConfigWatcher;
import org.halvs.ldirectord.daemon.DaemonOutput;
import org.halvs.ldirectord.daemon.ServedConfiguration;
import org.halvs.ldirectord.daemon.Surroundings;

/**
 * The directors of this node, one for each ldirectord configuration, and the plane that carries out what they decide. Confined to the control
 * thread.
 *
 * <p>All of them check their servers all the time; only those whose resource runs here have their services in the table, and only of those are
 * log lines, mails and programs heard. So a takeover publishes what is known already.
 */
final class Directors implements AutoCloseable {
    private final ControlLoop loop;
    private final EventSink events;
    private final NodePlane plane;
    private final CheckRunner checks;
    private final Surroundings surroundings;
    private final Function<Path, DaemonOutput> outputs;
    private final Map<String, Seat> seats = new LinkedHashMap<>();
    /** Services an operator added with ipvsadm, which no configuration knows. */
    private List<ForwardingTable.Entry> byHand = List.of();
    /** What operators ordered; it holds for configurations that are read later too. */
    private final Map<ServerAddress, ServerOverride> orders = new LinkedHashMap<>();

    private long revision;

    /** One configuration, and whether its resource runs here. */
    private final class Seat implements ServedConfiguration.Host {
        final String configuration;
        final ServedConfiguration served;
        /** What {@code cleanstop = no} has left in the table. */
        List<ForwardingTable.Entry> left = List.of();

        private long dueNanos = Long.MAX_VALUE;

        Seat(Path file, LdirectordPlan plan) {
            configuration = file.toString();
            served = new ServedConfiguration(
                    file, plan, plane.current().get(), surroundings, outputs.apply(file), this, System.nanoTime());
        }

        @Override
        public void enqueue(Runnable task) {
            loop.enqueue(task);
        }

        @Override
        public void decided(DirectorEvent event) {
            String reason = EventText.reason(event);
            events.emit(new DomainEvent.DirectorChanged(
                    configuration, EventText.logLine(event) + (reason.isEmpty() ? "" : ": " + reason)));
        }

        @Override
        public void tableChanged() {
            publish();
        }

        @Override
        public void reloaded() {
            plane.readd().run();
            publish();
        }

        @Override
        public void probesChanged() {
            updateChecks();
        }

        List<ForwardingTable.Entry> entries() {
            return served.inService() ? served.director().table().entries() : left;
        }

        /** Slow starts, maintenance and reminders want to be looked at; the configuration says when. */
        void schedule() {
            long now = System.nanoTime();
            long next = served.nextDueNanos(now);
            if (next != Long.MAX_VALUE && next != dueNanos) {
                dueNanos = next;
                long delay = Math.max(1, TimeUnit.NANOSECONDS.toMillis(next - now) + 1);
                loop.schedule(delay, () -> {
                    dueNanos = Long.MAX_VALUE;
                    long due = System.nanoTime();
                    if (served.nextDueNanos(due) - due <= 0) {
                        served.timers(due);
                    }
                    schedule();
                });
            }
        }
    }

    /** What a director knows about its services, for the status. */
    record Status(String configuration, boolean active, List<DirectorStatus> services) {}

    /**
     * @param surroundings what configurations need besides a table
     * @param outputs makes the log of a configuration
     */
    Directors(
            ControlLoop loop,
            EventSink events,
            NodePlane plane,
            CheckRunner checks,
            Surroundings surroundings,
            Function<Path, DaemonOutput> outputs) {
        this.loop = loop;
        this.events = events;
        this.plane = plane;
        this.checks = checks;
        this.surroundings = surroundings;
        this.outputs = outputs;
    }

    /** A configuration was read for the first time, or has changed; its checks begin, or go on where they were wanted before. */
    void read(Path file, ConfigWatcher.Change change) {
        Optional<LdirectordPlan> plan = change instanceof ConfigWatcher.Changed changed
                ? changed.reading().result().value()
                : Optional.empty();
        Seat seat = seats.get(file.toString());
        if (seat != null) {
            boolean followed = seat.served.follows(change);
            seat.served.changed(change, System.nanoTime());
            seat.schedule();
            tell(file, change, plan.isPresent(), followed ? "changed on disk, read again" : "");
        } else {
            tell(file, change, plan.isPresent(), "read");
            plan.ifPresent(good -> add(file, good));
        }
    }

    /** An operator wants a file to be in effect as it was read just now, whether it says {@code autoreload=yes} or not. */
    void reload(Path file, ConfigWatcher.Change change) {
        Seat seat = seats.get(file.toString());
        if (seat == null) {
            read(file, change);
        } else {
            seat.served.reload(change, System.nanoTime());
            seat.schedule();
        }
    }

    private void add(Path file, LdirectordPlan plan) {
        Seat seat = new Seat(file, plan);
        seats.put(file.toString(), seat);
        orders.forEach((server, order) -> seat.served.override(server, Optional.of(order), System.nanoTime()));
        seat.served.prepare(System.nanoTime());
        seat.schedule();
    }

    private void tell(Path file, ConfigWatcher.Change change, boolean good, String done) {
        String name = file.toString();
        switch (change) {
            case ConfigWatcher.Vanished _ ->
                events.emit(new DomainEvent.Degraded(name, "the file is gone; what was read last goes on"));
            case ConfigWatcher.Unreadable(String reason) ->
                events.emit(new DomainEvent.ConfigurationRefused(
                        name,
                        List.of(ConfigProblem.error(
                                name,
                                0,
                                "",
                                "can't be read: " + reason,
                                "see that it is there and root may read it"))));
            case ConfigWatcher.Changed changed -> {
                if (done.isEmpty()) {
                    events.emit(new DomainEvent.DirectorChanged(
                            name, "changed on disk; not read again, because it does not say autoreload=yes"));
                } else if (good) {
                    events.emit(new DomainEvent.ConfigurationApplied(name, done));
                } else {
                    events.emit(new DomainEvent.ConfigurationRefused(
                            name, changed.reading().result().errors()));
                }
            }
        }
    }

    boolean isConfigured(String configuration) {
        return seats.containsKey(configuration);
    }

    boolean isActive(String configuration) {
        Seat seat = seats.get(configuration);
        return seat != null && seat.served.inService();
    }

    /** The resource starts here: the services of the configuration join the table. Fails when it was never configured. */
    void activate(String configuration) {
        Seat seat = seats.get(configuration);
        if (seat == null) {
            throw new IllegalStateException("no director for " + configuration);
        }
        if (!seat.served.inService()) {
            seat.left = List.of();
            seat.served.begin();
            seat.schedule();
        }
    }

    /** The resource stops here: the services of the configuration leave the table, but for those with {@code cleanstop = no}. */
    void deactivate(String configuration) {
        Seat seat = seats.get(configuration);
        if (seat != null && seat.served.inService()) {
            seat.left = seat.served.end().entries();
            publish();
        }
    }

    /** An operator orders something for a real server, or takes the order back; it holds for every configuration that has the server. */
    void order(ServerAddress server, Optional<ServerOverride> order) {
        long now = System.nanoTime();
        orders.remove(server);
        order.ifPresent(given -> orders.put(server, given));
        for (Seat seat : seats.values()) {
            seat.served.override(server, order, now);
            seat.schedule();
        }
    }

    /**
     * An operator changes the table. Services that no director here is responsible for are added, changed and removed as wanted; a server that is
     * removed from a director's service stays out where its configuration lets it.
     *
     * @param change answers the very table it is given when nothing is to be changed
     * @return the first service that differs and is a director's business, and then nothing was changed; else empty
     */
    Optional<ServiceKey> editByHand(UnaryOperator<ForwardingTable> change) {
        ForwardingTable before = plane.forwarding().table();
        ForwardingTable wanted = change.apply(before);
        if (wanted == before) {
            return Optional.empty();
        }
        Map<Seat, List<Drift.ServerRemoved>> removals = new LinkedHashMap<>();
        Set<ServiceKey> kept = new LinkedHashSet<>();
        for (Seat seat : seats.values()) {
            for (ForwardingTable.Entry entry : seat.entries()) {
                ServiceKey key = entry.service().key();
                kept.add(key);
                Optional<List<Drift.ServerRemoved>> removed = TableEdit.removals(entry, wanted.entry(key));
                if (removed.isEmpty() || !removed.get().isEmpty() && !seat.served.respectsRemovals()) {
                    return Optional.of(key);
                }
                removals.computeIfAbsent(seat, _ -> new ArrayList<>()).addAll(removed.get());
            }
        }
        byHand = wanted.entries().stream()
                .filter(entry -> !kept.contains(entry.service().key()))
                .toList();
        long now = System.nanoTime();
        removals.forEach((seat, removed) -> seat.served.removedByHand(removed, now));
        publish();
        return Optional.empty();
    }

    /** What came of a publication: what others had changed in the kernel's table, and what failed. */
    void applied(ApplyReport report) {
        report.failures()
                .forEach(failure ->
                        events.emit(new DomainEvent.Degraded(plane.forwarding().description(), failure.describe())));
        report.drift().forEach(drift -> events.emit(new DomainEvent.Degraded("the kernel's table", drift.describe())));
        if (!report.withheld().isEmpty()) {
            long now = System.nanoTime();
            seats.values().stream()
                    .filter(seat -> seat.served.inService())
                    .forEach(seat -> seat.served.removedByHand(report.withheld(), now));
            plane.readd().run();
            publish();
        }
    }

    /** A probe has ended. */
    void checked(ProbeKey probe, CheckResult result) {
        long now = System.nanoTime();
        for (Seat seat : seats.values()) {
            seat.served.checked(probe, result, now);
            seat.schedule();
        }
    }

    List<Status> status() {
        long now = System.nanoTime();
        return seats.values().stream()
                .map(seat -> new Status(
                        seat.configuration,
                        seat.served.inService(),
                        seat.served.director().status(now)))
                .toList();
    }

    private void publish() {
        List<ForwardingTable.Entry> entries = new ArrayList<>();
        Set<ServiceKey> taken = new LinkedHashSet<>();
        for (Seat seat : seats.values()) {
            for (ForwardingTable.Entry entry : seat.entries()) {
                if (taken.add(entry.service().key())) {
                    entries.add(entry);
                } else {
                    events.emit(new DomainEvent.Degraded(
                            seat.configuration,
                            entry.service().key() + " is served by another configuration already; that one counts"));
                }
            }
        }
        byHand.stream().filter(entry -> taken.add(entry.service().key())).forEach(entries::add);
        plane.forwarding().publish(new ForwardingTable(++revision, entries));
    }

    private void updateChecks() {
        Map<ProbeKey, Probe> wanted = new LinkedHashMap<>();
        for (Seat seat : seats.values()) {
            seat.served.probes().forEach(probe -> wanted.merge(probe.key(), probe, Directors::moreOften));
        }
        checks.update(wanted.values());
    }

    private static Probe moreOften(Probe a, Probe b) {
        return a.interval().compareTo(b.interval()) <= 0 ? a : b;
    }

    /** Waits, a limited time, for mails and programs that are under way. Any thread, when the control thread does nothing more here. */
    @Override
    public void close() {
        seats.values().forEach(seat -> seat.served.close());
    }
}
