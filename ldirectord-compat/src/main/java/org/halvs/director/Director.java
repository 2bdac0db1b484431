package org.halvs.director;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.SequencedSet;
import org.halvs.check.CheckResult;
import org.halvs.check.ProbeKey;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.ServiceKey;

/**
 * Turns a plan and the results of its checks into the table that should be. Pure: it does nothing but answer, it reads no clock, and it is
 * confined to whoever calls it. Every verb answers with the whole desired table; the caller decides whether that table is published, so that a
 * standby director runs the same code and takes over with what it knows.
 *
 * <p>The rules are those of ldirectord, with its traps mended:
 *
 * <ul>
 *   <li>A server's weight never rises before a good check. Before its first result a server is absent, or has weight 0 where the service is
 *       quiescent, unless the table it starts from has it with a weight.
 *   <li>A probe is counted once, however many services share it.
 *   <li>A new plan is taken whole, and keeps what is known about servers whose check is the same.
 *   <li>The fallback is in the table while no server is up; servers with {@code checktype = off} do not call for it. The fallback command,
 *       which may page somebody, also waits until every server has been checked once.
 * </ul>
 *
 * <p>Times are nanoseconds of one monotonic clock of the caller ({@link System#nanoTime()}). A combined check ({@code checktype = N}) is one
 * probe here: which of its two exchanges is due is the business of whoever runs it.
 */
public final class Director {
    private static final long TICK_GRID_NANOS = 100_000_000;

    private ServicePlan plan;
    private final SequencedMap<ServiceKey, VirtualState> virtuals = new LinkedHashMap<>();
    private final SequencedMap<ProbeKey, ProbeState> probes = new LinkedHashMap<>();
    private Map<ServerAddress, String> maintenance = Map.of();
    private final Map<ServerAddress, ServerOverride> overrides = new LinkedHashMap<>();
    /** Servers whose weight is rising, and perhaps some that have ceased to. */
    private final SequencedSet<RealState> warming = new LinkedHashSet<>();

    private ForwardingTable table = ForwardingTable.EMPTY;
    private DirectorStep firstStep;

    /**
     * Starts with {@code plan} over the table as it is.
     *
     * @param current what stands in the table now, perhaps left by a predecessor; services the plan does not know are none of ours
     */
    public Director(ServicePlan plan, ForwardingTable current, long nowNanos) {
        this.plan = plan;
        firstStep = new DirectorStep(table, false, List.of(), List.of());
        firstStep = adopt(plan, current, List.of(), Map.of(), nowNanos);
    }

    /** What the start decided. */
    public DirectorStep firstStep() {
        return firstStep;
    }

    /** What the table should be now. */
    public ForwardingTable table() {
        return table;
    }

    public ServicePlan plan() {
        return plan;
    }

    /** The probes to run, in the order of the plan. */
    public List<ScheduledProbe> probes() {
        return probes.values().stream().map(ProbeState::scheduled).toList();
    }

    /**
     * Replaces the plan, all or nothing. Servers that are in the table with a weight keep it until a check speaks against them; servers that
     * are down stay down; a server that is new comes in at once when its probe is known to be good, and after its first good check otherwise.
     */
    public DirectorStep replacePlan(ServicePlan newPlan, long nowNanos) {
        List<VirtualState> before = List.copyOf(virtuals.sequencedValues());
        Map<ProbeKey, ProbeState> known = new LinkedHashMap<>(probes);
        plan = newPlan;
        return adopt(newPlan, table, before, known, nowNanos);
    }

    /** Takes the result of a probe; the result of one that no plan wants any more changes nothing. */
    public DirectorStep result(ProbeKey probe, CheckResult result, long nowNanos) {
        ProbeState state = probes.get(probe);
        if (state == null) {
            return unchanged();
        }
        VirtualState.Settlement settlement = settlement(VirtualState.Cause.CHECK, nowNanos);
        int failuresBefore = state.failures();
        state.record(result, plan.kept());
        if (result.passed() && failuresBefore > 0) {
            RealState first = state.users().getFirst();
            settlement
                    .events()
                    .add(new DirectorEvent.SoftFailureReset(first.owner().key(), first.name(), failuresBefore));
        }
        boolean settled = false;
        for (RealState real : state.users()) {
            if (real.maintenance().isEmpty() && judge(real, state, settlement)) {
                real.owner().settle(real, settlement);
                noteWarming(real);
                settled = true;
            }
        }
        return settled ? step(settlement) : new DirectorStep(table, false, settlement.events(), List.of());
    }

    /** Whether the state of {@code real} changed with the last result of its probe. */
    private static boolean judge(RealState real, ProbeState probe, VirtualState.Settlement settlement) {
        boolean good = probe.failures() == 0;
        RealState.Health verdict = good ? RealState.Health.UP : RealState.Health.DOWN;
        VirtualPlan virtual = real.owner().plan();
        boolean changes = switch (real.health()) {
            case PENDING -> true;
            case UP -> good ? real.presumed() : probe.failures() >= virtual.failureCount();
            case DOWN -> probe.successes() >= virtual.recovery().successCount();
        };
        if (changes) {
            if (real.health() == RealState.Health.PENDING && !good) {
                settlement
                        .events()
                        .add(new DirectorEvent.FirstCheckFailed(real.owner().key(), real.name(), probe.reason()));
            }
            real.becomes(verdict, probe.reason(), settlement.nowNanos());
        } else if (real.health() == RealState.Health.UP && !good) {
            settlement
                    .events()
                    .add(new DirectorEvent.SoftFailure(
                            real.owner().key(), real.name(), probe.failures(), virtual.failureCount(), probe.reason()));
        }
        return changes;
    }

    /**
     * Says which servers are in maintenance now: they are down at once, whatever failurecount says, and come back with the first good check
     * after it.
     *
     * @param servers every server in maintenance, with the name of the file that says so
     */
    public DirectorStep maintenance(Map<ServerAddress, String> servers, long nowNanos) {
        if (servers.equals(maintenance)) {
            return unchanged();
        }
        maintenance = new LinkedHashMap<>(servers);
        VirtualState.Settlement settlement = settlement(VirtualState.Cause.CHECK, nowNanos);
        for (RealState real : allReals()) {
            Optional<String> file = Optional.ofNullable(maintenance.get(ServerAddress.of(real.plan())));
            if (!file.equals(real.maintenance())) {
                enterOrLeaveMaintenance(real, file, nowNanos);
                real.owner().settle(real, settlement);
            }
        }
        return step(settlement);
    }

    private void enterOrLeaveMaintenance(RealState real, Optional<String> file, long nowNanos) {
        real.maintenance(file);
        ProbeKey probe = ProbeKind.of(real.plan());
        if (file.isPresent()) {
            real.becomes(RealState.Health.DOWN, "in maintenance: file " + file.get(), nowNanos);
        } else if (!ProbeKind.runs(probe) && !real.isOff()) {
            real.becomes(RealState.Health.UP, "maintenance is over, file removed", nowNanos);
        }
    }

    /** Orders something for every server of {@code address}, or takes the order back when {@code order} is empty. */
    public DirectorStep override(ServerAddress address, Optional<ServerOverride> order, long nowNanos) {
        order.ifPresentOrElse(given -> overrides.put(address, given), () -> overrides.remove(address));
        VirtualState.Settlement settlement = settlement(VirtualState.Cause.OPERATOR, nowNanos);
        for (RealState real : allReals()) {
            if (ServerAddress.of(real.plan()).equals(address)) {
                real.override(order);
                real.owner().settle(real, settlement);
            }
        }
        return step(settlement);
    }

    /**
     * Somebody removed {@code server} from the kernel's table. While {@code readdquiescent = no} that is respected: a server that is down
     * stays out until it is up again, one that is up until it went down and came back, or until the next plan. Otherwise nothing changes here,
     * and the table still has it.
     */
    public DirectorStep removedByHand(ServiceKey service, RealServer server, long nowNanos) {
        VirtualState virtual = virtuals.get(service);
        Optional<RealState> real = virtual == null || plan.readdQuiescent() ? Optional.empty() : virtual.realAt(server);
        if (virtual == null || real.isEmpty() || !virtual.lists(server)) {
            return unchanged();
        }
        real.get().removedByHand(true);
        VirtualState.Settlement settlement = settlement(VirtualState.Cause.OPERATOR, nowNanos);
        virtual.settle(real.get(), settlement);
        return step(settlement);
    }

    /**
     * When {@link #tick} is due next; empty when no slow start is under way. Always at a whole tenth of a second: hundreds of servers that came
     * back together, each at its own moment, are not hundreds of tables.
     */
    public OptionalLong nextTickNanos(long nowNanos) {
        warming.removeIf(real -> !real.warming());
        OptionalLong next = warming.stream()
                .flatMapToLong(real -> real.nextRiseNanos(nowNanos).stream())
                .min();
        return next.isEmpty()
                ? next
                : OptionalLong.of(Math.ceilDiv(next.getAsLong(), TICK_GRID_NANOS) * TICK_GRID_NANOS);
    }

    /** Raises the weights of servers in slow start to what they are worth now. */
    public DirectorStep tick(long nowNanos) {
        VirtualState.Settlement settlement = settlement(VirtualState.Cause.TIME, nowNanos);
        for (RealState real : warming) {
            if (real.warming()) {
                real.endSlowStart(nowNanos);
                real.owner().settle(real, settlement);
            }
        }
        warming.removeIf(real -> !real.warming());
        return step(settlement);
    }

    /**
     * What a service that begins with what is known already has to tell and to run: every service and server of the table as if it had just been
     * added, and the fallback commands that are called for. Changes nothing.
     */
    public DirectorStep inventory() {
        VirtualState.Settlement settlement = settlement(VirtualState.Cause.PLAN, 0);
        for (VirtualState virtual : virtuals.sequencedValues()) {
            settlement.events().add(new DirectorEvent.VirtualAdded(virtual.key()));
            virtual.describeListed(settlement.events());
            virtual.commandIfStarted(true).ifPresent(settlement.effects()::add);
        }
        return new DirectorStep(table, true, settlement.events(), settlement.effects());
    }

    /**
     * What remains when the director stops: the services with {@code cleanstop = no}, as they stand. Fallback commands that were started are
     * stopped for the services that go. Changes nothing here: a director may go on to know what it would do.
     */
    public DirectorStep stop() {
        List<DirectorEvent> events = new ArrayList<>();
        List<DirectorEffect> effects = new ArrayList<>();
        List<ForwardingTable.Entry> remaining = new ArrayList<>();
        for (VirtualState virtual : virtuals.sequencedValues()) {
            if (!virtual.plan().cleanStop()) {
                remaining.add(virtual.entry());
                continue;
            }
            for (RealState real : virtual.reals()) {
                if (real.health() == RealState.Health.UP
                        && virtual.lists(real.plan().server())) {
                    events.add(new DirectorEvent.RealPurged(
                            virtual.key(), real.name(), DirectorEvent.Occasion.STOP, "the director stops"));
                }
            }
            events.add(new DirectorEvent.VirtualPurged(virtual.key(), DirectorEvent.Occasion.STOP));
            if (!plan.kept().contains(OldBehaviour.FALLBACKCOMMAND_LEFT_AT_STOP)) {
                virtual.commandIfStarted(false).ifPresent(effects::add);
            }
        }
        ForwardingTable left = new ForwardingTable(table.revision() + 1, remaining);
        return new DirectorStep(left, !left.sameContent(table), events, effects);
    }

    /** Everything about every server, for the status. */
    public List<DirectorStatus> status(long nowNanos) {
        return virtuals.sequencedValues().stream()
                .map(virtual -> DirectorStatus.of(virtual, nowNanos))
                .toList();
    }

    private DirectorStep adopt(
            ServicePlan newPlan,
            ForwardingTable current,
            List<VirtualState> before,
            Map<ProbeKey, ProbeState> known,
            long nowNanos) {
        VirtualState.Settlement settlement = settlement(VirtualState.Cause.PLAN, nowNanos);
        virtuals.clear();
        warming.clear();
        for (VirtualPlan virtual : newPlan.virtuals()) {
            VirtualState state = new VirtualState(virtual, newPlan.kept());
            virtuals.put(state.key(), state);
            settlement.events().add(announce(virtual, current));
        }
        registerProbes(known);
        Map<ServiceKey, VirtualState> gone = new LinkedHashMap<>();
        before.forEach(state -> gone.put(state.key(), state));
        for (VirtualState state : virtuals.sequencedValues()) {
            Optional<ForwardingTable.Entry> entry = current.entry(state.key());
            entry.ifPresent(found -> state.adopt(found.servers(), settlement));
            VirtualState predecessor = gone.remove(state.key());
            if (predecessor == null) {
                state.presumeUp(nowNanos);
            } else {
                state.inheritCommand(predecessor);
            }
            prepare(state, Optional.ofNullable(predecessor), !before.isEmpty(), nowNanos);
            state.settleAll(settlement);
            state.reals().forEach(this::noteWarming);
        }
        for (VirtualState removed : gone.values()) {
            settlement.events().add(new DirectorEvent.VirtualPurged(removed.key(), DirectorEvent.Occasion.START));
            removed.stopCommand(settlement.effects());
        }
        return step(settlement);
    }

    private static DirectorEvent announce(VirtualPlan virtual, ForwardingTable current) {
        ServiceKey key = virtual.service().key();
        return current.entry(key)
                .<DirectorEvent>map(entry ->
                        new DirectorEvent.VirtualChanged(key, !entry.service().equals(virtual.service())))
                .orElseGet(() -> new DirectorEvent.VirtualAdded(key));
    }

    private void registerProbes(Map<ProbeKey, ProbeState> known) {
        probes.clear();
        for (RealState real : allReals()) {
            ProbeKey probe = ProbeKind.of(real.plan());
            if (ProbeKind.runs(probe)) {
                Duration interval = real.owner().plan().checkInterval();
                ProbeState state = probes.computeIfAbsent(probe, key -> new ProbeState(key, interval));
                state.addUser(real, interval);
            }
        }
        probes.forEach((probe, state) -> Optional.ofNullable(known.get(probe)).ifPresent(state::inherit));
    }

    /** Gives the servers of a service what is known about them: orders, maintenance, and health where the check is the same. */
    private void prepare(VirtualState state, Optional<VirtualState> predecessor, boolean reload, long nowNanos) {
        for (RealState real : state.reals()) {
            Optional<RealState> old =
                    predecessor.flatMap(virtual -> virtual.realAt(real.plan().server()));
            boolean checked = probes.containsKey(ProbeKind.of(real.plan()));
            if (checked
                    && old.isPresent()
                    && probes.containsKey(ProbeKind.of(old.get().plan()))) {
                real.inherit(old.get());
            } else if (checked && old.isPresent() && old.get().serving()) {
                // its check changed: it keeps its weight until the new check has spoken
                int weight = state.listedWeight(real.plan().server());
                real.presumeUp(weight, "was up before the reload, not checked since", nowNanos);
            } else if (checked && reload) {
                real.isNew();
                adoptKnownHealth(real, nowNanos);
            }
            real.override(Optional.ofNullable(overrides.get(ServerAddress.of(real.plan()))));
            Optional<String> file = Optional.ofNullable(maintenance.get(ServerAddress.of(real.plan())));
            if (!file.equals(real.maintenance())) {
                enterOrLeaveMaintenance(real, file, nowNanos);
            }
        }
    }

    private void adoptKnownHealth(RealState real, long nowNanos) {
        ProbeState probe = probes.get(ProbeKind.of(real.plan()));
        if (probe != null && probe.successes() > 0) {
            real.becomes(RealState.Health.UP, probe.reason(), nowNanos);
        } else if (probe != null && probe.failures() > 0) {
            real.becomes(RealState.Health.DOWN, probe.reason(), nowNanos);
        }
    }

    private void noteWarming(RealState real) {
        if (real.warming()) {
            warming.add(real);
        }
    }

    private List<RealState> allReals() {
        return virtuals.sequencedValues().stream()
                .flatMap(virtual -> virtual.reals().stream())
                .toList();
    }

    private VirtualState.Settlement settlement(VirtualState.Cause cause, long nowNanos) {
        return new VirtualState.Settlement(
                plan.readdQuiescent(), cause, nowNanos, new ArrayList<>(), new ArrayList<>());
    }

    private DirectorStep unchanged() {
        return new DirectorStep(table, false, List.of(), List.of());
    }

    private DirectorStep step(VirtualState.Settlement settlement) {
        return publish(
                virtuals.sequencedValues().stream().map(VirtualState::entry).toList(), settlement);
    }

    private DirectorStep publish(List<ForwardingTable.Entry> entries, VirtualState.Settlement settlement) {
        ForwardingTable next = new ForwardingTable(table.revision() + 1, entries);
        boolean changed = !next.sameContent(table);
        if (changed) {
            table = next;
        }
        return new DirectorStep(table, changed, settlement.events(), settlement.effects());
    }
}
