package org.halvs.ha.runtime;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.halvs.check.CheckResult;
import org.halvs.check.ProbeKey;
import org.halvs.check.runner.CheckRunner;
import org.halvs.check.runner.Probe;
import org.halvs.director.Director;
import org.halvs.director.DirectorEvent;
import org.halvs.director.DirectorStatus;
import org.halvs.director.DirectorStep;
import org.halvs.director.EventText;
import org.halvs.director.ScheduledProbe;
import org.halvs.director.ServicePlan;
import org.halvs.ha.event.DomainEvent;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.plane.ForwardingPlane;

/**
 * The directors of this node, one for each ldirectord configuration, and the plane that carries out what they decide. Confined to the control
 * thread.
 *
 * <p>All of them check their servers all the time; only those whose resource runs here have their services in the table. So a takeover
 * publishes what is known already.
 */
final class Directors {
    private final ControlLoop loop;
    private final EventSink events;
    private final ForwardingPlane plane;
    private final CheckRunner checks;
    private final Map<String, Seat> seats = new LinkedHashMap<>();
    /** Services an operator added with ipvsadm, which no configuration knows. */
    private List<ForwardingTable.Entry> byHand = List.of();

    private long revision;

    /** One director, and whether its resource runs here. */
    private static final class Seat {
        final Director director;
        boolean active;
        long tickNanos = Long.MIN_VALUE;

        Seat(Director director) {
            this.director = director;
        }
    }

    /** What a director knows about its services, for the status. */
    record Status(String configuration, boolean active, List<DirectorStatus> services) {}

    Directors(ControlLoop loop, EventSink events, ForwardingPlane plane, CheckRunner checks) {
        this.loop = loop;
        this.events = events;
        this.plane = plane;
        this.checks = checks;
    }

    /** A configuration was read; its checks begin, or go on where they were wanted before. */
    void configure(String configuration, ServicePlan plan) {
        long now = System.nanoTime();
        Seat seat = seats.get(configuration);
        if (seat == null) {
            seat = new Seat(new Director(plan, ForwardingTable.EMPTY, now));
            seats.put(configuration, seat);
            take(configuration, seat, seat.director.firstStep());
        } else {
            take(configuration, seat, seat.director.replacePlan(plan, now));
        }
        updateChecks();
    }

    boolean isConfigured(String configuration) {
        return seats.containsKey(configuration);
    }

    boolean isActive(String configuration) {
        Seat seat = seats.get(configuration);
        return seat != null && seat.active;
    }

    /** The resource starts here: the services of the configuration join the table. Fails when it was never configured. */
    void activate(String configuration) {
        Seat seat = seat(configuration);
        if (!seat.active) {
            seat.active = true;
            publish();
        }
    }

    /** The resource stops here: the services of the configuration leave the table. */
    void deactivate(String configuration) {
        Seat seat = seats.get(configuration);
        if (seat != null && seat.active) {
            seat.active = false;
            publish();
        }
    }

    /**
     * An operator changes the table. Services that no director here is responsible for are added, changed and removed as wanted.
     *
     * @param change answers the very table it is given when nothing is to be changed
     * @return the first service that differs and is a director's business, and then nothing was changed; else empty
     */
    Optional<ServiceKey> editByHand(UnaryOperator<ForwardingTable> change) {
        ForwardingTable before = plane.table();
        ForwardingTable wanted = change.apply(before);
        if (wanted == before) {
            return Optional.empty();
        }
        Set<ServiceKey> kept = keysOfDirectors();
        for (ServiceKey key : kept) {
            if (!wanted.entry(key).equals(before.entry(key))) {
                return Optional.of(key);
            }
        }
        byHand = wanted.entries().stream()
                .filter(entry -> !kept.contains(entry.service().key()))
                .toList();
        publish();
        return Optional.empty();
    }

    private Set<ServiceKey> keysOfDirectors() {
        Set<ServiceKey> keys = new LinkedHashSet<>();
        seats.values().stream()
                .filter(seat -> seat.active)
                .forEach(seat -> seat.director
                        .table()
                        .entries()
                        .forEach(entry -> keys.add(entry.service().key())));
        return keys;
    }

    /** A probe has ended. */
    void checked(ProbeKey probe, CheckResult result) {
        long now = System.nanoTime();
        seats.forEach((configuration, seat) -> take(configuration, seat, seat.director.result(probe, result, now)));
    }

    List<Status> status() {
        long now = System.nanoTime();
        List<Status> all = new ArrayList<>();
        seats.forEach(
                (configuration, seat) -> all.add(new Status(configuration, seat.active, seat.director.status(now))));
        return all;
    }

    private Seat seat(String configuration) {
        Seat seat = seats.get(configuration);
        if (seat == null) {
            throw new IllegalStateException("no director for " + configuration);
        }
        return seat;
    }

    private void take(String configuration, Seat seat, DirectorStep step) {
        step.events().forEach(event -> events.emit(new DomainEvent.DirectorChanged(configuration, text(event))));
        if (step.changed() && seat.active) {
            publish();
        }
        scheduleTick(configuration, seat);
    }

    private static String text(DirectorEvent event) {
        String reason = EventText.reason(event);
        return EventText.logLine(event) + (reason.isEmpty() ? "" : ": " + reason);
    }

    /** Slow start raises weights over time; the director says when to look again. */
    private void scheduleTick(String configuration, Seat seat) {
        long now = System.nanoTime();
        OptionalLong next = seat.director.nextTickNanos(now);
        if (next.isPresent() && next.getAsLong() != seat.tickNanos) {
            seat.tickNanos = next.getAsLong();
            long delay = Math.max(1, TimeUnit.NANOSECONDS.toMillis(next.getAsLong() - now) + 1);
            loop.schedule(delay, () -> take(configuration, seat, seat.director.tick(System.nanoTime())));
        }
    }

    private void publish() {
        List<ForwardingTable.Entry> entries = new ArrayList<>();
        Set<ServiceKey> taken = new LinkedHashSet<>();
        seats.forEach((configuration, seat) -> {
            if (!seat.active) {
                return;
            }
            for (ForwardingTable.Entry entry : seat.director.table().entries()) {
                if (taken.add(entry.service().key())) {
                    entries.add(entry);
                } else {
                    events.emit(new DomainEvent.Degraded(
                            configuration,
                            entry.service().key() + " is served by another configuration already; that one counts"));
                }
            }
        });
        byHand.stream().filter(entry -> taken.add(entry.service().key())).forEach(entries::add);
        plane.publish(new ForwardingTable(++revision, entries));
    }

    private void updateChecks() {
        Map<ProbeKey, Probe> wanted = new LinkedHashMap<>();
        for (Seat seat : seats.values()) {
            for (ScheduledProbe scheduled : seat.director.probes()) {
                Probe probe = new Probe(scheduled.key(), scheduled.interval());
                wanted.merge(probe.key(), probe, Directors::moreOften);
            }
        }
        checks.update(wanted.values());
    }

    private static Probe moreOften(Probe a, Probe b) {
        return a.interval().compareTo(b.interval()) <= 0 ? a : b;
    }
}
