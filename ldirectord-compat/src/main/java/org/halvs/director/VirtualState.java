package org.halvs.director;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.ServiceKey;
import org.halvs.linux.IpAddress;

/** The state of one virtual service: its real servers, and what of them stands in the table. */
final class VirtualState {

    /** Why servers are being settled: it decides the name of an event. */
    enum Cause {
        CHECK,
        PLAN,
        OPERATOR,
        TIME
    }

    /** What a settlement goes by and where it tells what it did. */
    record Settlement(
            boolean readd, Cause cause, long nowNanos, List<DirectorEvent> events, List<DirectorEffect> effects) {
        Settlement because(Cause other) {
            return new Settlement(readd, other, nowNanos, events, effects);
        }
    }

    /** ipvsadm takes no larger one. */
    private static final int LARGEST_WEIGHT = 65_535;

    /** Into so many steps at least a slow start should be divisible. */
    private static final int FEWEST_STEPS = 10;

    private record Destination(IpAddress address, int port) {
        static Destination of(RealServer server) {
            return new Destination(server.address(), server.port());
        }
    }

    private final VirtualPlan plan;
    private final Set<OldBehaviour> kept;
    private final List<RealState> reals = new ArrayList<>();
    /** The servers in the table, the oldest first: a server that changes keeps its place, one that comes back does not. */
    private final SequencedMap<Destination, RealServer> listed = new LinkedHashMap<>();

    /** What {@link #entry} answered last; empty once something has changed. A table of thousands of services is made of these. */
    private Optional<ForwardingTable.Entry> lastEntry = Optional.empty();

    private final boolean hasTwins;
    private boolean fallbackListed;
    private boolean commandStarted;
    /** By what all weights are multiplied: 1, and more while a server is in slow start whose weight is too small to be divided. */
    private int scale = 1;

    VirtualState(VirtualPlan plan, Set<OldBehaviour> kept) {
        this.plan = plan;
        this.kept = kept;
        for (RealPlan real : plan.reals()) {
            reals.add(new RealState(real, this));
        }
        hasTwins = plan.reals().stream()
                        .map(real -> Destination.of(real.server()))
                        .distinct()
                        .count()
                < plan.reals().size();
    }

    VirtualPlan plan() {
        return plan;
    }

    ServiceKey key() {
        return plan.service().key();
    }

    List<RealState> reals() {
        return reals;
    }

    boolean fallbackListed() {
        return fallbackListed;
    }

    /** The service with its servers, the newest first; the same object as long as nothing has changed. */
    ForwardingTable.Entry entry() {
        if (lastEntry.isEmpty()) {
            lastEntry = Optional.of(new ForwardingTable.Entry(
                    plan.service(), List.copyOf(listed.sequencedValues().reversed())));
        }
        return lastEntry.get();
    }

    private void list(RealServer server) {
        listed.put(Destination.of(server), server);
        lastEntry = Optional.empty();
    }

    private void unlist(RealServer server) {
        listed.remove(Destination.of(server));
        lastEntry = Optional.empty();
    }

    boolean lists(RealServer server) {
        return listed.containsKey(Destination.of(server));
    }

    /** Its weight in the table, 0 also when it is not there. */
    int listedWeight(RealServer server) {
        return listed.getOrDefault(Destination.of(server), server.withWeight(0)).weight();
    }

    /** Starts from servers that are in the table already; those the plan does not know are purged. */
    void adopt(List<RealServer> newestFirst, Settlement settlement) {
        for (RealServer server : newestFirst.reversed()) {
            Optional<RealState> real = realAt(server);
            if (isFallback(server)) {
                fallbackListed = server.weight() > 0
                        && (real.isEmpty() || plan.fallback().equals(Optional.of(server)));
            }
            if (real.isPresent() || isFallback(server)) {
                list(server);
            } else {
                settlement
                        .events()
                        .add(new DirectorEvent.RealPurged(
                                key(),
                                ServerName.of(server),
                                DirectorEvent.Occasion.START,
                                "not in the configuration"));
            }
        }
    }

    /** Servers found in the table with a weight are taken for up until a check says otherwise. */
    void presumeUp(long nowNanos) {
        for (RealState real : reals) {
            RealServer server = real.plan().server();
            int weight = listedWeight(server);
            boolean isFallbackEntry = fallbackListed && isFallback(server);
            if (weight > 0 && !isFallbackEntry && real.health() == RealState.Health.PENDING) {
                real.presumeUp(weight, "was in the table with weight " + weight, nowNanos);
            }
        }
    }

    /** Takes over the fallback command's state from the plan before this one. */
    void inheritCommand(VirtualState before) {
        commandStarted = before.commandStarted;
    }

    /** The real server of the plan at the address and port of {@code server}. */
    Optional<RealState> realAt(RealServer server) {
        return reals.stream()
                .filter(real -> real.plan().server().sameDestination(server))
                .findFirst();
    }

    int scale() {
        return scale;
    }

    /** The smallest power of ten by which the weights can be told apart that a slow start goes through. */
    private int wantedScale() {
        if (plan.recovery().slowStart().isZero() || reals.stream().noneMatch(RealState::warming)) {
            return 1;
        }
        int smallest = Integer.MAX_VALUE;
        int largest = 1;
        for (RealState real : reals) {
            int weight = real.fullWeight();
            smallest = weight > 0 ? Math.min(smallest, weight) : smallest;
            largest = Math.max(largest, weight);
        }
        int enough = Math.max(FEWEST_STEPS, Math.ceilDiv(100, plan.recovery().startPercent()));
        int wanted = 1;
        while ((long) smallest * wanted < enough && (long) largest * wanted * 10 <= LARGEST_WEIGHT) {
            wanted *= 10;
        }
        return wanted;
    }

    /** Settles everything; on an empty table the fallback goes in first, as ldirectord does it. */
    void settleAll(Settlement settlement) {
        scale = wantedScale();
        if (listed.isEmpty()) {
            settleFallback(settlement);
        }
        for (RealState real : reals) {
            settleReal(real, settlement);
        }
        settleFallback(settlement);
    }

    /** Settles one server, then the fallback. Whether the table changed shows in the events. */
    void settle(RealState real, Settlement settlement) {
        int before = scale;
        scale = wantedScale();
        settleReal(real, settlement);
        if (scale != before) {
            reals.forEach(other -> settleReal(other, settlement.because(Cause.TIME)));
        }
        settleFallback(settlement);
    }

    private void settleReal(RealState changed, Settlement settlement) {
        RealState real = hasTwins ? holder(changed) : changed;
        RealServer server = real.plan().server();
        if (fallbackWanted() && isFallback(server)) {
            return;
        }
        Destination destination = Destination.of(server);
        Optional<RealServer> before = Optional.ofNullable(listed.get(destination));
        Optional<RealServer> after = real.wanted(before.isPresent(), settlement.readd(), settlement.nowNanos());
        if (before.equals(after)) {
            return;
        }
        if (after.isPresent()) {
            list(after.get());
            describe(real, before, after.get(), settlement);
        } else {
            unlist(server);
            settlement
                    .events()
                    .add(
                            real.removedByHand()
                                    ? new DirectorEvent.RemovedByHand(key(), real.name(), real.reason())
                                    : new DirectorEvent.RealDeleted(key(), real.name(), real.reason()));
        }
    }

    private void describe(RealState real, Optional<RealServer> before, RealServer after, Settlement settlement) {
        ServerName name = real.name();
        String reason = real.drained() ? "drained by an operator" : real.reason();
        int weight = after.weight();
        if (before.isEmpty()) {
            boolean readded = settlement.readd() && !real.serving();
            settlement
                    .events()
                    .add(
                            readded
                                    ? new DirectorEvent.RealReadded(key(), name, reason)
                                    : new DirectorEvent.RealAdded(key(), name, weight, reason));
        } else if (!real.serving()) {
            if (before.get().weight() > 0) {
                settlement.events().add(new DirectorEvent.RealQuiesced(key(), name, reason));
            }
        } else if (settlement.cause() == Cause.TIME || settlement.cause() == Cause.OPERATOR) {
            String why = settlement.cause() == Cause.TIME ? "slow start" : "by an operator's order";
            settlement.events().add(new DirectorEvent.RealWeightChanged(key(), name, weight, why));
        } else {
            settlement.events().add(new DirectorEvent.RealRestored(key(), name, weight, reason));
        }
    }

    private void settleFallback(Settlement settlement) {
        boolean wanted = fallbackWanted();
        settleCommand(settlement);
        if (plan.fallback().isEmpty()) {
            fallbackListed = false;
            return;
        }
        RealServer fallback = plan.fallback().get().withWeight(1);
        Destination destination = Destination.of(fallback);
        if (wanted) {
            boolean already = fallbackListed && fallback.equals(listed.get(destination));
            if (!already) {
                list(fallback);
            }
            fallbackListed = true;
            if (!already) {
                settlement.events().add(new DirectorEvent.FallbackAdded(key(), ServerName.of(fallback), whyNoneIsUp()));
            }
        } else if (fallbackListed) {
            fallbackListed = false;
            if (realAt(fallback).isEmpty()) {
                unlist(fallback);
            } else {
                realAt(fallback).ifPresent(real -> settleReal(real, settlement));
            }
            settlement.events().add(new DirectorEvent.FallbackDeleted(key(), ServerName.of(fallback), whyOneIsUp()));
        }
    }

    private void settleCommand(Settlement settlement) {
        boolean unknown = reals.stream().anyMatch(real -> real.health() == RealState.Health.PENDING);
        if (noneAvailable() && anyChecked() && !unknown && !commandStarted) {
            commandStarted = true;
            runCommand(true, settlement.effects());
        } else if (commandStarted && !(noneAvailable() && anyChecked())) {
            stopCommand(settlement.effects());
        }
    }

    /** Runs the fallback command with {@code stop} if it was run with {@code start}. */
    void stopCommand(List<DirectorEffect> effects) {
        if (commandStarted) {
            commandStarted = false;
            runCommand(false, effects);
        }
    }

    private void runCommand(boolean starting, List<DirectorEffect> effects) {
        command(starting).ifPresent(effects::add);
    }

    /** The fallback command with {@code start} or {@code stop}, where it is running now. */
    Optional<DirectorEffect> commandIfStarted(boolean starting) {
        return commandStarted ? command(starting) : Optional.empty();
    }

    private Optional<DirectorEffect> command(boolean starting) {
        return plan.fallbackCommand()
                .map(command -> new DirectorEffect.FallbackCommand(
                        command, starting, nameForCommand(), ServerName.protocolOf(key())));
    }

    private String nameForCommand() {
        boolean asZero =
                key() instanceof ServiceKey.FirewallMark && kept.contains(OldBehaviour.FALLBACKCOMMAND_MARK_AS_ZERO);
        return asZero ? ":0" : ServerName.ofService(key());
    }

    /** Tells of everything in the table, as if it had just been added. */
    void describeListed(List<DirectorEvent> events) {
        for (RealState real : reals) {
            RealServer server = real.plan().server();
            boolean isFallbackEntry = fallbackListed && isFallback(server);
            if (lists(server) && !isFallbackEntry && (!hasTwins || holder(real) == real)) {
                events.add(new DirectorEvent.RealAdded(key(), real.name(), listedWeight(server), real.reason()));
            }
        }
        if (fallbackListed) {
            plan.fallback()
                    .ifPresent(fallback ->
                            events.add(new DirectorEvent.FallbackAdded(key(), ServerName.of(fallback), whyNoneIsUp())));
        }
    }

    /** ldirectord's rule, but that servers nobody checks ({@code checktype = off}) do not call for the fallback. */
    private boolean fallbackWanted() {
        return plan.fallback().isPresent() && noneAvailable() && anyChecked();
    }

    private boolean anyChecked() {
        return reals.isEmpty()
                || kept.contains(OldBehaviour.OFF_CALLS_FALLBACK)
                || reals.stream().anyMatch(real -> !real.isOff());
    }

    private boolean noneAvailable() {
        return reals.stream().noneMatch(RealState::available);
    }

    private boolean isFallback(RealServer server) {
        return plan.fallback().filter(server::sameDestination).isPresent();
    }

    /** Of all {@code real =} lines that name one destination the one its entry follows: the first that is up, else the first. */
    private RealState holder(RealState real) {
        List<RealState> twins = reals.stream()
                .filter(other ->
                        other.plan().server().sameDestination(real.plan().server()))
                .toList();
        return twins.stream().filter(RealState::available).findFirst().orElse(twins.getFirst());
    }

    private String whyNoneIsUp() {
        if (reals.isEmpty()) {
            return "the service has no real server";
        }
        long pending = reals.stream()
                .filter(real -> real.health() == RealState.Health.PENDING)
                .count();
        String pendingText = pending == 0 ? "" : ", " + pending + " not checked yet";
        return "none of " + reals.size() + " real servers is up" + pendingText;
    }

    private String whyOneIsUp() {
        return reals.stream()
                .filter(RealState::available)
                .findFirst()
                .map(real -> real.name().mapped() + " is up")
                .orElse("the fallback is not wanted any more");
    }
}
