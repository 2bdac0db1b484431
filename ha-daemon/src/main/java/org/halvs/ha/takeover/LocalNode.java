package org.halvs.ha.takeover;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.membership.ViewId;
import org.halvs.ha.takeover.TakeoverPlan.Outlook;

/** The state of one node, and the step that brings it from one decision to the next. Confined to the control loop; {@link Ownership} is its face. */
final class LocalNode {
    private static final ViewId NO_VIEW = new ViewId("", 0);
    /** Everything is decided anew so often at least, whether something is known to be due or not. */
    private static final long LOOK_NANOS = 5_000_000_000L;

    final String local;
    private final long incarnation;
    private final long startedNanos;
    final Arbitration arbitration;
    private final PingBalance balance = new PingBalance();
    final StatusBook book;
    final Map<String, LocalGroup> groups = new LinkedHashMap<>();
    Map<String, Long> fingerprints;
    TakeoverRules rules;
    long configHash;
    ClusterView view;
    boolean ready;
    boolean settled;
    boolean leaving;
    List<Outlook> outlooks = List.of();
    long wakeupNanos;

    LocalNode(TakeoverRules rules, String localNode, long incarnation, long nowNanos) {
        this.rules = rules;
        this.configHash = rules.configHash();
        this.local = localNode;
        this.incarnation = incarnation;
        this.startedNanos = nowNanos;
        this.arbitration = new Arbitration(rules, localNode);
        this.view = new ClusterView(NO_VIEW, List.of(localNode), false);
        this.arbitration.viewInstalled(view, nowNanos);
        this.fingerprints = Map.copyOf(rules.fingerprints());
        this.book = new StatusBook(describe(), nowNanos);
        this.wakeupNanos = earliestWakeup(nowNanos);
    }

    void configure(TakeoverRules changed) {
        rules = changed;
        configHash = changed.configHash();
        groups.values().forEach(group -> group.starts.endPause());
        arbitration.configure(changed);
        fingerprints = with(changed.fingerprints());
    }

    /** A part of the configuration was read that is not one of the rules. */
    void fingerprint(String part, long number) {
        fingerprints = with(Map.of(part, number));
    }

    private Map<String, Long> with(Map<String, Long> parts) {
        Map<String, Long> all = new TreeMap<>(fingerprints);
        all.putAll(parts);
        return Map.copyOf(all); // told again and again, seldom changed
    }

    // --- the step ----------------------------------------------------------------------------------------------------

    /** Decides anew, after anything that may have changed something. Answers the steps to run now. */
    List<TakeoverStep> proceed(long nowNanos) {
        groups.values().forEach(group -> {
            group.check.time(nowNanos);
            group.starts.time(nowNanos);
        });
        settle(nowNanos);
        balance.observe(book.pings(), pingSettleNanos(), nowNanos);
        if (powerless().isPresent()) {
            groups.values().forEach(group -> group.requested = false); // others would make way for this node in vain
        }
        yieldToRequests();
        book.renew(describe());
        TakeoverPlan plan = plan();
        if (want(plan, nowNanos)) {
            book.renew(describe()); // the wish is part of the status, and alone in the view nobody has to agree to it
            plan = plan();
        }
        Map<String, TakeoverStep> steps = new LinkedHashMap<>();
        plan.steps().forEach(step -> steps.put(step.group(), step));
        Map<String, String> obstacles = new LinkedHashMap<>();
        for (Outlook outlook : plan.outlooks()) {
            arbitrate(outlook, steps, obstacles, nowNanos);
        }
        steps.values().forEach(this::begin);
        announcements(plan, steps, nowNanos);
        outlooks = plan.outlooks().stream()
                .map(outlook -> explained(outlook, obstacles))
                .toList();
        book.renew(describe());
        groups.values().forEach(group -> group.check.decided());
        wakeupNanos = earliestWakeup(nowNanos);
        return List.copyOf(steps.values());
    }

    /** Why this node gets nothing, even where an operator asks for it; empty when it may. */
    Optional<String> powerless() {
        Map<String, Integer> reached = balance.settled();
        boolean poorest = reached.getOrDefault(local, NodeStatus.PINGS_UNKNOWN) == 0
                && view.members().stream().anyMatch(node -> reached.getOrDefault(node, 0) > 0);
        Optional<String> forbidden = arbitration.forbidden(view);
        return forbidden.isEmpty() && poorest
                ? Optional.of("no ping node answers " + local + ", and another node reaches some")
                : forbidden;
    }

    private TakeoverPlan plan() {
        Map<String, Long> wanted = new LinkedHashMap<>();
        groups.forEach((key, group) -> {
            if (group.wantedSince > 0) {
                wanted.put(key, group.wantedSince);
            }
        });
        return TakeoverPlanner.plan(rules, local, view, book.all(), wanted, balance.settled());
    }

    private long pingSettleNanos() {
        return rules.arbitration().pingSettle().toNanos();
    }

    /** Takes over from the plan what this node wants. Answers whether a new wish is among it. */
    private boolean want(TakeoverPlan plan, long nowNanos) {
        boolean more = false;
        for (Outlook outlook : plan.outlooks()) {
            LocalGroup group = group(outlook.group());
            if (outlook.wanted() && group.wantedSince == 0) {
                group.wantedSince = book.nextSequence(); // the next status is the first that says so
                group.rivals.startOver(nowNanos);
                more = true;
            } else if (!outlook.wanted()) {
                group.wantedSince = 0;
            }
        }
        return more;
    }

    /** What the nodes that are not in the view have to do with it: a step may have to wait, another may be needed. */
    private void arbitrate(
            Outlook outlook, Map<String, TakeoverStep> steps, Map<String, String> obstacles, long nowNanos) {
        String key = outlook.group();
        LocalGroup group = group(key);
        TakeoverStep planned = steps.get(key);
        if (planned instanceof TakeoverStep.Acquire acquire) {
            switch (arbitration.mayTake(key, group, view, nowNanos)) {
                case Arbitration.Verdict.Take(String because) ->
                    steps.put(key, new TakeoverStep.Acquire(key, joined(acquire.reason(), because)));
                case Arbitration.Verdict.Wait wait -> hold(key, wait, steps, obstacles);
            }
        } else if (outlook.wanted()) {
            stuckMember(key)
                    .map(node -> arbitration.resetStuck(key, node, nowNanos))
                    .ifPresent(wait -> hold(key, wait, steps, obstacles));
        } else if (group.claim == Claim.HELD && planned == null) {
            Optional<String> gives =
                    group.yields.isEmpty() ? arbitration.mustGiveUp(group, view) : Optional.of(group.yields);
            gives.<TakeoverStep>map(reason -> new TakeoverStep.Release(key, reason))
                    .or(() -> arbitration.lookAround(key, group, nowNanos))
                    .ifPresent(step -> steps.put(key, step));
        }
    }

    private static void hold(
            String key, Arbitration.Verdict.Wait wait, Map<String, TakeoverStep> steps, Map<String, String> obstacles) {
        steps.remove(key);
        wait.step().ifPresent(step -> steps.put(key, step));
        obstacles.put(key, wait.obstacle());
    }

    private static String joined(String reason, String because) {
        return because.isEmpty() ? reason : reason + "; " + because;
    }

    /** The member that can't stop the group, where that is a reason to reset it. */
    private Optional<String> stuckMember(String key) {
        if (rules.arbitration().stopFailure() != ArbitrationRules.StopFailure.FENCE) {
            return Optional.empty();
        }
        return book.peers().stream()
                .filter(peer -> peer.group(key).stuck())
                .map(NodeStatus::node)
                .findFirst();
    }

    private void begin(TakeoverStep step) {
        LocalGroup group = group(step.group());
        switch (step) {
            case TakeoverStep.Acquire _ -> {
                group.claim = Claim.ACQUIRING;
                group.strangerSeen = arbitration.takenFromStranger(group) ? 0 : -1;
                group.wantedSince = 0;
                group.finding = "";
            }
            case TakeoverStep.Release _ -> {
                group.claim = Claim.RELEASING;
                group.yields = "";
                group.wantedSince = 0;
            }
            case TakeoverStep.Announce _, TakeoverStep.CheckClaim _, TakeoverStep.Fence _ -> {}
        }
    }

    /** An operator on another node asked to have a group there: for this node that is a standby. */
    private void yieldToRequests() {
        for (NodeStatus theirs : book.peers()) {
            for (GroupStatus asked : theirs.groups()) {
                LocalGroup group = groups.get(asked.group());
                if (asked.requested()
                        && asked.unfit().isEmpty()
                        && ableToOwn(theirs.node())
                        && group != null
                        && group.claim.owns()
                        && group.standby == 0) {
                    group.standby = nextStandby(asked.group());
                }
            }
        }
    }

    /** Waiting is over for good when every node of ha.cf was seen, when initdead has passed, or when another member says that it is over. */
    private void settle(long nowNanos) {
        settled = settled
                || nowNanos - startedNanos >= rules.initdead().toNanos()
                || book.peers().stream().anyMatch(p -> p.settled() && view.contains(p.node()))
                || rules.nodes().stream().allMatch(this::needsNoWaiting);
    }

    private boolean needsNoWaiting(String node) {
        if (node.equals(local)) {
            return true;
        }
        return view.contains(node)
                ? book.peer(node)
                        .filter(theirs -> theirs.ready() || theirs.leaving())
                        .isPresent()
                : arbitration.absences().met(node);
    }

    private Outlook explained(Outlook outlook, Map<String, String> obstacles) {
        LocalGroup group = group(outlook.group());
        String stuck = group.stuck;
        String obstacle = obstacles.getOrDefault(outlook.group(), "");
        if (outlook.owner().isEmpty() && outlook.target().isEmpty() && group.starts.paused()) {
            obstacle = local + " tries again " + group.starts.pauseMinutes() + " min after it failed";
        }
        return new Outlook(
                outlook.group(),
                outlook.owner(),
                outlook.target(),
                stuck.isEmpty() && outlook.wanted(),
                stuck.isEmpty() ? joined(outlook.reason(), obstacle) : local + " could not stop it: " + stuck);
    }

    private void announcements(TakeoverPlan plan, Map<String, TakeoverStep> steps, long nowNanos) {
        for (Outlook outlook : plan.outlooks()) {
            LocalGroup group = group(outlook.group());
            if (group.claim != Claim.HELD || outlook.target().isEmpty()) {
                continue;
            }
            boolean rivals =
                    book.peers().stream().anyMatch(p -> p.group(outlook.group()).claim() != Claim.NONE);
            String reason = group.merged
                    ? "the cluster was cut and is whole again"
                    : !rivals && group.contested
                            ? "no other node has it any more"
                            : group.returned ? "a node that had it is back" : group.announce;
            group.contested = rivals;
            if (!reason.isEmpty()) {
                group.merged = false;
                group.returned = false;
                group.announce = "";
                group.announcedNanos = nowNanos;
                steps.put(outlook.group() + " announced", new TakeoverStep.Announce(outlook.group(), reason));
            }
        }
    }

    private NodeStatus describe() {
        List<GroupStatus> told = new ArrayList<>();
        groups.forEach((key, group) -> {
            GroupStatus described = group.describe(key);
            if (!described.saysNothing()) {
                told.add(described);
            }
        });
        return new NodeStatus(
                local,
                incarnation,
                0,
                view.id(),
                ready,
                settled,
                leaving,
                configHash,
                arbitration.pings(),
                fingerprints,
                told,
                List.of());
    }

    LocalGroup group(String key) {
        return groups.computeIfAbsent(key, _ -> new LocalGroup());
    }

    /** Whether this node would be able to take the group now. */
    boolean couldTake(LocalGroup group) {
        return ready
                && !leaving
                && !rules.isWitness(local)
                && group.claim == Claim.NONE
                && !group.starts.paused()
                && group.unfit.isEmpty();
    }

    /** Whether a member would be able to take the group now. */
    boolean couldTake(NodeStatus member, String key) {
        GroupStatus theirs = member.group(key);
        return ableToOwn(member.node()) && theirs.mayBeTried() && theirs.unfit().isEmpty();
    }

    boolean wants(String key) {
        return group(key).wantedSince > 0;
    }

    boolean ableToOwn(String node) {
        return !rules.isWitness(node)
                && book.peer(node)
                        .filter(theirs -> theirs.view().equals(view.id()) && theirs.ready() && !theirs.leaving())
                        .isPresent();
    }

    int nextStandby(String key) {
        int highest = group(key).standby;
        for (NodeStatus theirs : book.peers()) {
            highest = Math.max(highest, theirs.group(key).standby());
        }
        return highest + 1;
    }

    private long earliestWakeup(long nowNanos) {
        List<Long> moments = new ArrayList<>();
        if (!settled) {
            moments.add(startedNanos + rules.initdead().toNanos());
        }
        moments.addAll(arbitration.wakeups());
        balance.wakeup(pingSettleNanos()).ifPresent(moments::add);
        groups.values().forEach(group -> {
            group.check.wakeup().ifPresent(moments::add);
            group.starts.wakeup().ifPresent(moments::add);
        });
        moments.add(book.resendNanos());
        long due = LOOK_NANOS;
        for (long moment : moments) {
            long in = moment - nowNanos;
            due = in > 0 && in < due ? in : due; // what is past and was not done has nothing to be done about
        }
        return nowNanos + due;
    }
}
