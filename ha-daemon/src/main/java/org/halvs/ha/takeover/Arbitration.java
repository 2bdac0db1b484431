package org.halvs.ha.takeover;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.takeover.Absences.How;

/**
 * Whether this node may take, and may keep, a group that a node it does not hear may have too. The table of cases stands in docs/arbitration.md.
 * Confined to the control loop.
 */
final class Arbitration {
    /** Another node has the group, or goes first: look again. The longest time a released group waits for its next owner. */
    static final long RECHECK_NANOS = 150_000_000L;

    /** While a node that may live is not heard, a holder looks this often for another holder. */
    static final long HOLDER_CHECK_NANOS = 1_000_000_000L;

    /** So long after it was asleep a node believes nothing it was told before; a view that excludes it comes sooner. */
    private static final long AWAKE_NANOS = 3_000_000_000L;

    /** One that goes on wanting a group for so long is kept from taking it by something else, and must not keep others from it for ever. */
    private static final long RIVAL_PATIENCE_NANOS = 2_000_000_000L;

    /** Two nodes that took a group within this time of each other can't be sure to agree on who was first. */
    private static final long EQUALLY_LONG_MILLIS = 500;

    private static final int LONGEST_STRANGER_SECONDS = 10;

    /** What may be done about a group this node wants. */
    sealed interface Verdict {
        /**
         * Take it.
         *
         * @param because what allows it; empty when nobody else could have it
         */
        record Take(String because) implements Verdict {}

        /**
         * Not now.
         *
         * @param obstacle why
         * @param step what has to be found out or done first
         */
        record Wait(String obstacle, Optional<TakeoverStep> step) implements Verdict {}
    }

    private final String local;
    private final Absences absences;
    /** Nodes that are heard and say that they do not hear this one, and since when they do. */
    private final Map<String, Long> deaf = new TreeMap<>();

    private final Resets resets = new Resets();
    private TakeoverRules rules;
    private int pings = NodeStatus.PINGS_UNKNOWN;
    private Optional<Long> wokeNanos = Optional.empty();

    Arbitration(TakeoverRules rules, String local) {
        this.rules = rules;
        this.local = local;
        this.absences = new Absences(local);
    }

    Absences absences() {
        return absences;
    }

    void configure(TakeoverRules changed) {
        rules = changed;
        absences.retain(changed.nodes());
    }

    void viewInstalled(ClusterView view, long nowNanos) {
        absences.viewInstalled(rules, view, nowNanos);
        deaf.keySet().removeAll(view.departed().keySet());
        resets.forget(node -> !absences.isAbsent(node));
    }

    void oneWay(String node, boolean notHeard, long nowNanos) {
        if (notHeard && !rules.isWitness(node)) {
            deaf.putIfAbsent(node, nowNanos);
        } else {
            deaf.remove(node);
        }
    }

    /** This node was asleep: what the others had agreed to may not hold any more, although they are in its view. */
    void asleep(long nowNanos) {
        wokeNanos = Optional.of(nowNanos);
    }

    private boolean justWoke(long nowNanos) {
        return wokeNanos.filter(woke -> nowNanos - woke < AWAKE_NANOS).isPresent();
    }

    /** Whether a node that is heard has been saying for a while that it does not hear this one. */
    boolean isDeaf(String node, long nowNanos) {
        Long since = deaf.get(node);
        return since != null
                && nowNanos - since >= rules.arbitration().deafSettle().toNanos();
    }

    private Optional<String> deafUnreached(ClaimReport report, long nowNanos) {
        return deaf.keySet().stream()
                .filter(node -> isDeaf(node, nowNanos) && !report.daemons().containsKey(node))
                .findFirst();
    }

    /** @param reached how many ping nodes answer */
    void pings(int reached) {
        pings = reached;
    }

    int pings() {
        return pings;
    }

    void fenced(String node, boolean reset, String text, long nowNanos) {
        if (reset) {
            resets.succeeded(node);
            absences.fenced(node, nowNanos);
        } else {
            resets.failed(node, text, nowNanos);
        }
    }

    /** When a step may become due; for those of groups ask the groups. */
    List<Long> wakeups() {
        List<Long> moments = new ArrayList<>(resets.wakeups());
        deaf.values()
                .forEach(since ->
                        moments.add(since + rules.arbitration().deafSettle().toNanos()));
        return moments;
    }

    // --- taking ------------------------------------------------------------------------------------------------------

    /** Whether the group, which this node should have as far as its view goes, may be taken. */
    Verdict mayTake(String key, LocalGroup group, ClusterView view, long nowNanos) {
        Optional<String> forbidden = forbidden(view);
        if (forbidden.isPresent()) {
            return wait(forbidden.get());
        }
        List<String> suspects = suspects(nowNanos);
        if (suspects.isEmpty()) {
            return new Verdict.Take(absences.that(How.PROCESS_ENDED).stream()
                    .findFirst()
                    .map(absences::describe)
                    .orElse(""));
        }
        Optional<ClaimReport> report = group.check.freshReport();
        if (report.isPresent()) {
            return judge(key, group, report.get(), suspects, nowNanos);
        }
        if (!group.check.isDue(nowNanos)) {
            return wait(group.finding.isEmpty() ? "asking on its own network who has it" : group.finding);
        }
        String reason = "before " + local + " takes it: " + describe(suspects.getFirst());
        return new Verdict.Wait(
                "asking on its own network who has it",
                Optional.of(new TakeoverStep.CheckClaim(key, group.check.begin(nowNanos), true, reason)));
    }

    /** Why this node may not take anything, whoever has it and whatever an operator says; empty when it may. */
    Optional<String> forbidden(ClusterView view) {
        Optional<String> voteless = voteless(view);
        boolean pingless = absences.cut(rules) && rules.arbitration().pingNodes() > 0 && pings <= 0;
        return voteless.isEmpty() && pingless ? Optional.of(pingless()) : voteless;
    }

    private static Verdict wait(String obstacle) {
        return new Verdict.Wait(obstacle, Optional.empty());
    }

    /** Nodes that may have a group although this one sees nothing of it. */
    private List<String> suspects(long nowNanos) {
        Set<String> suspects = new LinkedHashSet<>(absences.mayOwn(rules, nowNanos));
        suspects.addAll(deaf.keySet());
        if (justWoke(nowNanos)) {
            rules.nodes().stream()
                    .filter(node -> !node.equals(local) && !rules.isWitness(node))
                    .forEach(suspects::add);
        }
        if (rules.arbitration().fencing()) {
            suspects.addAll(absences.that(How.PROCESS_ENDED)); // only a machine that answers no more needs no reset
        }
        return new ArrayList<>(suspects);
    }

    private Verdict judge(String key, LocalGroup group, ClaimReport report, List<String> suspects, long nowNanos) {
        group.finding = finding(key, group, report, nowNanos);
        if (!group.finding.isEmpty()) {
            group.check.schedule(nowNanos + RECHECK_NANOS);
            return wait(group.finding);
        }
        boolean answered = report.result() instanceof ClaimResult.AnsweredWithoutDaemon;
        for (String node : suspects) {
            if (toReset(node, answered, report, nowNanos)) {
                Verdict.Wait wait = reset(key, node, describe(node) + " and it may have " + key, nowNanos);
                group.finding = wait.obstacle();
                group.check.schedule(nowNanos + HOLDER_CHECK_NANOS); // it may turn out to be alive after all
                return wait;
            }
        }
        String found = report.result() instanceof ClaimResult.AnsweredWithoutDaemon stranger
                ? stranger.mac() + " answers for " + stranger.address() + " and no daemon stands behind it"
                : "nobody answers for it";
        return new Verdict.Take(describe(suspects.getFirst()) + "; " + found);
    }

    /** What was found that keeps this node from taking the group; empty for nothing. */
    private String finding(String key, LocalGroup group, ClaimReport report, long nowNanos) {
        return switch (report.result()) {
            case ClaimResult.HeldByLiveDaemon holder ->
                (absences.isAbsent(holder.node()) ? describe(holder.node()) + ", but its" : holder.node() + "'s")
                        + " daemon answers on the network of " + key + ": it keeps it";
            case ClaimResult.CannotTell unknown -> "can't find out who has it: " + unknown.reason();
            case ClaimResult.Free _, ClaimResult.AnsweredWithoutDaemon _ -> {
                String rival = rival(group, nowNanos);
                Optional<String> unheard = deaf.keySet().stream()
                        .filter(node -> !report.daemons().containsKey(node))
                        .findFirst();
                yield rival.isEmpty()
                        ? unheard.map(node -> node + " is heard and does not hear " + local + ", so it decides")
                                .orElse("")
                        : rival;
            }
        };
    }

    /** Another node that is first to decide about a group this one wants; empty for none. */
    private String rival(LocalGroup group, long nowNanos) {
        return group.rivals.at(nowNanos, group.check.hasJustReported(), patienceNanos()).stream()
                .filter(r -> decidesFirst(r.node(), r.state(), ClaimState.WANTS))
                .findFirst()
                .map(r -> r.node() + asRival(r.state()))
                .orElse("");
    }

    /** The one that comes next loses it first, and has taken the group before the others do. */
    private long patienceNanos() {
        return RIVAL_PATIENCE_NANOS
                * rules.nodes().stream()
                        .filter(node -> node.compareTo(local) < 0)
                        .count();
    }

    private static String asRival(ClaimState state) {
        return switch (state) {
            case HAS -> " has it";
            case DOUBTS -> " has it, was asleep, and finds out whether it still may";
            case NOTHING, WANTS -> " wants it too and goes first";
        };
    }

    /** Who has it, in doubt or not, decides before those that want it; among equals the name that comes first does. */
    private boolean decidesFirst(String other, ClaimState theirs, ClaimState mine) {
        return switch (theirs) {
            case NOTHING -> false;
            case HAS -> mine == ClaimState.WANTS;
            case WANTS -> mine == ClaimState.WANTS && other.compareTo(local) < 0;
            case DOUBTS -> mine == ClaimState.WANTS || other.compareTo(local) < 0;
        };
    }

    /** A daemon that answers and has nothing needs no reset, nor does a node that is known to have let go. */
    private boolean toReset(String node, boolean answered, ClaimReport report, long nowNanos) {
        if (!rules.arbitration().fencing()
                || !absences.isAbsent(node)
                || report.daemons().containsKey(node)) {
            return false;
        }
        boolean ended = absences.how(node) == How.PROCESS_ENDED;
        return absences.mayOwn(rules, nowNanos).contains(node) || (ended && answered);
    }

    private Verdict.Wait reset(String key, String node, String reason, long nowNanos) {
        Resets.Pending pending = resets.request(node, nowNanos);
        return new Verdict.Wait(
                pending.obstacle(),
                pending.begin() ? Optional.of(new TakeoverStep.Fence(key, node, reason)) : Optional.empty());
    }

    /** A member that can't stop a group this node should have; where the files say so, it is reset. */
    Verdict.Wait resetStuck(String key, String node, long nowNanos) {
        Verdict.Wait wait = reset(key, node, node + " can't stop " + key, nowNanos);
        return new Verdict.Wait(node + " can't stop it; " + wait.obstacle(), wait.step());
    }

    // --- keeping -----------------------------------------------------------------------------------------------------

    /** Why this node may not keep a group it has, whoever else has it; empty when it may. */
    Optional<String> mustGiveUp(LocalGroup group, ClusterView view) {
        Optional<String> voteless = voteless(view);
        if (voteless.isPresent() || !absences.cut(rules)) {
            return voteless;
        }
        if (rules.arbitration().pingNodes() > 0 && pings == 0) {
            return Optional.of(pingless());
        }
        return group.unfit.isEmpty()
                ? Optional.empty()
                : Optional.of(group.unfit + " on " + local + ", and a node that is not heard may serve it");
    }

    /** Asks, when it is time to, whether anybody else has a group this node holds. */
    Optional<TakeoverStep> lookAround(String key, LocalGroup group, long nowNanos) {
        if (!looksAround(group, nowNanos) || !group.check.isDue(nowNanos)) {
            return Optional.empty();
        }
        boolean probe = group.doubtful || group.strangerSeen >= 0;
        String reason = group.doubtful
                ? local + " was asleep while it had it"
                : group.strangerSeen >= 0
                        ? "whether the address it was taken from is gone"
                        : "whether anybody else has it";
        return Optional.of(new TakeoverStep.CheckClaim(key, group.check.begin(nowNanos), probe, reason));
    }

    /** Whether the group is taken from a kernel that may go on answering for it. */
    boolean takenFromStranger(LocalGroup group) {
        return group.check.strangerReported()
                || !absences.that(How.PROCESS_ENDED).isEmpty();
    }

    private boolean looksAround(LocalGroup group, long nowNanos) {
        return group.doubtful
                || group.sharedOutside
                || group.strangerSeen >= 0
                || !deaf.isEmpty()
                || !absences.mayOwn(rules, nowNanos).isEmpty();
    }

    /**
     * Takes notice of what was found out about a group this node holds. Answers a release when another node keeps it, an announcement when the network has to
     * be told again.
     */
    Optional<TakeoverStep> found(
            ClaimReport report, LocalGroup group, ClusterView view, long configHash, long nowNanos) {
        String key = report.group();
        Optional<String> yields = yields(report, group, view, configHash, nowNanos);
        if (yields.isPresent()) {
            return Optional.of(new TakeoverStep.Release(key, yields.get()));
        }
        boolean slept = group.doubtful;
        boolean told = !(report.result() instanceof ClaimResult.CannotTell);
        group.doubtful = slept && !told;
        Optional<TakeoverStep> announce = Optional.empty();
        boolean shared = report.result() instanceof ClaimResult.HeldByLiveDaemon;
        if (group.sharedOutside && !shared) {
            announce = Optional.of(new TakeoverStep.Announce(key, "the other node has given it up"));
        }
        group.sharedOutside = shared;
        if (report.result() instanceof ClaimResult.AnsweredWithoutDaemon stranger) {
            group.strangerSeen = Math.max(0, group.strangerSeen) + 1;
            announce = Optional.of(
                    new TakeoverStep.Announce(key, stranger.mac() + " answers for " + stranger.address() + " as well"));
        } else if (told) {
            group.strangerSeen = -1;
        }
        if (announce.isEmpty() && slept && told) {
            announce = Optional.of(new TakeoverStep.Announce(key, local + " was asleep and still has it"));
        }
        group.check.schedule(nowNanos + nextLookNanos(group));
        return announce;
    }

    private long nextLookNanos(LocalGroup group) {
        if (group.doubtful || group.sharedOutside || !deaf.isEmpty()) {
            return RECHECK_NANOS;
        }
        int doubled = Math.min(LONGEST_STRANGER_SECONDS, 1 << Math.min(8, Math.max(0, group.strangerSeen)));
        return group.strangerSeen >= 0 && !absences.cut(rules) ? doubled * HOLDER_CHECK_NANOS : HOLDER_CHECK_NANOS;
    }

    private boolean returnsHome(String key, String node) {
        return rules.returnsHome()
                && rules.group(key).filter(g -> g.preferredNode().equals(node)).isPresent();
    }

    /** Whether another node has had the group longer than this one, as far as both are sure to agree on it. */
    private boolean longer(LocalGroup group, String other, ClaimAnswer theirs, long nowNanos) {
        long longer = theirs.heldMillis() - group.heldFor(nowNanos);
        return Math.abs(longer) > EQUALLY_LONG_MILLIS ? longer > 0 : other.compareTo(local) < 0;
    }

    /** Why another node keeps a group this one holds as well; empty when this one keeps it. */
    private Optional<String> yields(
            ClaimReport report, LocalGroup group, ClusterView view, long configHash, long nowNanos) {
        String key = report.group();
        if (report.result() instanceof ClaimResult.HeldByLiveDaemon holder) {
            String other = holder.node();
            if (group.doubtful) {
                return Optional.of(other + " has taken it while " + local + " was asleep");
            }
            ClaimAnswer theirs = report.daemons().get(other);
            if (!view.contains(other)
                    && theirs != null
                    && (theirs.configHash() == configHash && returnsHome(key, other)
                            || !(theirs.configHash() == configHash && returnsHome(key, local))
                                    && longer(group, other, theirs, nowNanos))) {
                return Optional.of(describe(other) + ", and " + other + " has it too and keeps it");
            }
        }
        if (group.doubtful) {
            Optional<String> rival = report.daemons().entrySet().stream()
                    .filter(e -> decidesFirst(e.getKey(), e.getValue().state(), ClaimState.DOUBTS))
                    .map(Map.Entry::getKey)
                    .findFirst();
            if (rival.isPresent()) {
                return Optional.of(rival.get() + " has it too, and both were asleep");
            }
        }
        return deafUnreached(report, nowNanos)
                .map(node -> node + " is heard, does not hear " + local + " on any path, and will take " + key);
    }

    // --- votes -------------------------------------------------------------------------------------------------------

    private Optional<String> voteless(ClusterView view) {
        if (rules.arbitration().witness().isEmpty()) {
            return Optional.empty();
        }
        long voting = rules.nodes().stream().filter(view::contains).count();
        return voting * 2 > rules.nodes().size()
                ? Optional.empty()
                : Optional.of("this side of the cut has " + voting + " of "
                        + rules.nodes().size() + " nodes, which is no majority");
    }

    private String pingless() {
        int all = rules.arbitration().pingNodes();
        return pings < 0
                ? "it is not known yet whether a ping node answers " + local
                : (all == 1 ? "the ping node does not answer " : "none of the " + all + " ping nodes answers ") + local
                        + ", so the cut may be on this side";
    }

    private String describe(String node) {
        return absences.isAbsent(node) ? absences.describe(node) : node + " may have it";
    }
}
