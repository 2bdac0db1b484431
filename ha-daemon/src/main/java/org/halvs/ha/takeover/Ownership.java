package org.halvs.ha.takeover;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.membership.ViewId;
import org.halvs.ha.takeover.TakeoverPlan.Outlook;
import org.halvs.resource.ResourceGroup;

/**
 * What one node knows about who owns what, and what it does about it. Fed with everything that happens; answers with the steps to run now. Confined to the
 * control loop; {@code nowNanos} is a monotonic time that never goes back.
 *
 * <p>After every call the loop runs the returned steps and sends {@link #statusToSend} to all members when it is present.
 */
public final class Ownership {
    private static final ViewId NO_VIEW = new ViewId("", 0);

    /** A network that was told where a group is need not be told again at once. */
    private static final long ANNOUNCED_ENOUGH_NANOS = 1_000_000_000L;

    private final String local;
    private final long incarnation;
    private final long startedNanos;
    private final Arbitration arbitration;
    private final PingBalance balance = new PingBalance();
    private final StatusBook book;
    private final Map<String, LocalGroup> groups = new LinkedHashMap<>();
    private final Map<String, Long> fingerprints = new TreeMap<>();
    private TakeoverRules rules;
    private long configHash;
    private ClusterView view;
    private boolean ready;
    private boolean settled;
    private boolean leaving;
    private List<Outlook> outlooks = List.of();
    private long wakeupNanos;

    /**
     * A node that has just started, alone as far as it knows, not ready, and holding nothing.
     *
     * @param incarnation milliseconds since 1970 at the start, greater than in every earlier life of this node
     */
    public Ownership(TakeoverRules rules, String localNode, long incarnation, long nowNanos) {
        this.rules = rules;
        this.configHash = rules.configHash();
        this.local = localNode;
        this.incarnation = incarnation;
        this.startedNanos = nowNanos;
        this.arbitration = new Arbitration(rules, localNode);
        this.view = new ClusterView(NO_VIEW, List.of(localNode), false);
        this.arbitration.viewInstalled(view, nowNanos);
        this.fingerprints.putAll(rules.fingerprints());
        this.book = new StatusBook(describe(), nowNanos);
        this.wakeupNanos = earliestWakeup(nowNanos);
    }

    /** What an operator's command came to. */
    public record Answer(boolean accepted, String text, List<String> groups, List<TakeoverStep> steps) {
        public Answer {
            groups = List.copyOf(groups);
            steps = List.copyOf(steps);
        }
    }

    // --- what happens in the cluster ---------------------------------------------------------------------------------

    /** A view was installed. */
    public List<TakeoverStep> onView(ClusterView installed, long nowNanos) {
        List<String> joined = installed.members().stream()
                .filter(node -> !view.contains(node) && arbitration.absences().met(node))
                .toList();
        view = installed;
        arbitration.viewInstalled(installed, nowNanos);
        for (LocalGroup group : groups.values()) {
            group.installView(installed.merge(), nowNanos);
            group.returned |= group.claim == Claim.HELD && !joined.isEmpty() && !installed.merge();
            if (installed.members().size() == 1) {
                group.standby = 0; // the peer it was sent to is gone
            }
        }
        book.viewInstalled(installed);
        return proceed(nowNanos);
    }

    /** Another node said something. What was said earlier than what is known already changes nothing. */
    public List<TakeoverStep> onStatus(NodeStatus heard, long nowNanos) {
        if (!book.hear(heard)) {
            return List.of();
        }
        for (GroupStatus theirs : heard.groups()) {
            LocalGroup mine = groups.get(theirs.group());
            if (mine != null
                    && mine.claim == Claim.HELD
                    && theirs.claim().owns()
                    && arbitration.isDeaf(heard.node(), nowNanos)) {
                mine.yields = heard.node() + " does not hear " + local + " and has taken it";
            }
        }
        return proceed(nowNanos);
    }

    /** Time passed. Called at least at {@link #nextWakeupNanos}; calling it more often does no harm. */
    public List<TakeoverStep> tick(long nowNanos) {
        book.time(nowNanos);
        return proceed(nowNanos);
    }

    /** When {@link #tick} must be called next. */
    public OptionalLong nextWakeupNanos() {
        return OptionalLong.of(wakeupNanos);
    }

    private long earliestWakeup(long nowNanos) {
        List<Long> moments = new ArrayList<>();
        if (!settled) {
            moments.add(startedNanos + rules.initdead().toNanos());
        }
        moments.addAll(arbitration.wakeups());
        balance.wakeup(pingSettleNanos()).ifPresent(moments::add);
        groups.values().forEach(group -> group.checkWakeup().ifPresent(moments::add));
        long due = Math.max(book.resendNanos() - nowNanos, 1);
        for (long moment : moments) {
            long in = moment - nowNanos;
            due = in > 0 && in < due ? in : due; // what is past and was not done has nothing to be done about
        }
        return nowNanos + due;
    }

    /** A node that is heard says that it does not hear this one, or that it does again. */
    public List<TakeoverStep> oneWay(String node, boolean notHeard, long nowNanos) {
        arbitration.oneWay(node, notHeard, nowNanos);
        groups.values().forEach(group -> group.scheduleCheck(nowNanos));
        return proceed(nowNanos);
    }

    /** This node did not run for so long that others may have taken what it has. */
    public List<TakeoverStep> asleep(long nowNanos) {
        for (LocalGroup group : groups.values()) {
            group.voidCheck();
            group.doubtful = rules.nodes().size() > 1 && group.claim.owns();
        }
        return proceed(nowNanos);
    }

    // --- what was found out ------------------------------------------------------------------------------------------

    /** A {@link TakeoverStep.CheckClaim} has come to an end. */
    public List<TakeoverStep> claimChecked(ClaimReport report, long nowNanos) {
        LocalGroup group = group(report.group());
        if (group.endCheck(report, nowNanos) && group.claim == Claim.HELD) {
            arbitration.found(report, group, view, configHash, nowNanos).ifPresent(step -> {
                switch (step) {
                    case TakeoverStep.Release release -> group.yields = release.reason();
                    default -> group.announce = step.reason();
                }
            });
        }
        return proceed(nowNanos);
    }

    /**
     * Another node's daemon asked on a group's network who has it.
     *
     * @param asking what that node has to do with the group
     */
    public List<TakeoverStep> asked(String node, String key, ClaimAnswer asking, long nowNanos) {
        LocalGroup group = groups.get(key);
        if (group == null || node.equals(local)) {
            return List.of();
        }
        ClaimState theirs = asking.state();
        group.heardRival(node, theirs, nowNanos);
        if (group.claim == Claim.HELD && !group.doubtful) {
            if (theirs == ClaimState.DOUBTS && nowNanos - group.announcedNanos >= ANNOUNCED_ENOUGH_NANOS) {
                group.announce = node + " was asleep and asks who has it";
            } else if (theirs == ClaimState.HAS && !view.contains(node)) {
                group.scheduleCheck(nowNanos);
            }
        }
        return proceed(nowNanos);
    }

    /** How many ping nodes answer. */
    public List<TakeoverStep> pings(int reached, long nowNanos) {
        arbitration.pings(reached);
        return proceed(nowNanos);
    }

    /** A {@link TakeoverStep.Fence} has come to an end. */
    public List<TakeoverStep> fenced(String node, boolean reset, String text, long nowNanos) {
        arbitration.fenced(node, reset, text, nowNanos);
        groups.values().forEach(group -> group.finding = "");
        return proceed(nowNanos);
    }

    /** This node can't serve a group until {@link #fit} is called, for a reason outside of its resources ({@code eth0 has no carrier}). */
    public List<TakeoverStep> unfit(String key, String reason, long nowNanos) {
        group(key).unfit(reason);
        return proceed(nowNanos);
    }

    /** The reason for {@link #unfit} is gone. */
    public List<TakeoverStep> fit(String key, long nowNanos) {
        group(key).unfit("");
        return proceed(nowNanos);
    }

    /** A part of the configuration other nodes should have too was read. */
    public List<TakeoverStep> fingerprint(String part, long number, long nowNanos) {
        fingerprints.put(part, number);
        return proceed(nowNanos);
    }

    // --- what happens on this node -----------------------------------------------------------------------------------

    /** Whether this node may own anything. Not so from the start: the daemon says when its resources are understood and cleaned up. */
    public List<TakeoverStep> ready(boolean mayOwn, long nowNanos) {
        ready = mayOwn;
        return proceed(nowNanos);
    }

    /** Another configuration took effect. */
    public List<TakeoverStep> configure(TakeoverRules changed, long nowNanos) {
        rules = changed;
        configHash = changed.configHash();
        arbitration.configure(changed);
        fingerprints.putAll(changed.fingerprints());
        return proceed(nowNanos);
    }

    /** Every resource of the group runs. */
    public List<TakeoverStep> acquired(String key, long nowNanos) {
        LocalGroup group = expect(key, Claim.ACQUIRING);
        group.hold(nowNanos);
        group.scheduleCheck(nowNanos + (group.doubtful ? 0 : Arbitration.HOLDER_CHECK_NANOS));
        return proceed(nowNanos);
    }

    /** The group could not be started; whatever of it had started was stopped again. Another node gets it, this one not before {@link #clearFailure}. */
    public List<TakeoverStep> acquireFailed(String key, long nowNanos) {
        LocalGroup group = expect(key, Claim.ACQUIRING);
        group.reset();
        group.failed = true;
        group.requested = false;
        return proceed(nowNanos);
    }

    /** Every resource of the group is stopped. */
    public List<TakeoverStep> released(String key, long nowNanos) {
        expect(key, Claim.RELEASING).reset();
        return proceed(nowNanos);
    }

    /**
     * The group could not be stopped. It stays claimed, so that nobody else takes it, until {@link #released} says otherwise.
     *
     * @param cause what went wrong, for the outlook
     */
    public List<TakeoverStep> releaseFailed(String key, String cause, long nowNanos) {
        expect(key, Claim.RELEASING).stuck = cause;
        return proceed(nowNanos);
    }

    /** A group found running at the start, which this node goes on holding. */
    public List<TakeoverStep> adopt(String key, long nowNanos) {
        LocalGroup group = expect(key, Claim.NONE);
        group.claim = Claim.HELD;
        group.heldSinceNanos = nowNanos;
        return proceed(nowNanos);
    }

    /** A held group failed here beyond repair and was stopped. */
    public List<TakeoverStep> lost(String key, long nowNanos) {
        LocalGroup group = expect(key, Claim.HELD);
        group.reset();
        group.failed = true;
        return proceed(nowNanos);
    }

    private LocalGroup expect(String key, Claim claim) {
        LocalGroup group = groups.computeIfAbsent(key, _ -> new LocalGroup());
        if (group.claim != claim) {
            throw new IllegalStateException(key + " is " + group.claim + ", not " + claim);
        }
        return group;
    }

    // --- what operators want -----------------------------------------------------------------------------------------

    /** Sends groups away from this node. They stay away until the peer is gone, or somebody asks to have them here. */
    public Answer standby(Scope scope, long nowNanos) {
        List<String> covered = covered(scope);
        if (leaving) {
            return refused(local + " is shutting down");
        }
        if (view.members().stream().noneMatch(m -> !m.equals(local) && ableToOwn(m))) {
            return refused("there is no other node that could take them");
        }
        for (String key : covered) {
            LocalGroup group = group(key);
            group.standby = nextStandby(key);
            group.requested = false;
        }
        return new Answer(true, local + " goes on standby", covered, proceed(nowNanos));
    }

    /** Brings groups to this node. */
    public Answer takeover(Scope scope, long nowNanos) {
        List<String> covered = covered(scope);
        if (leaving || !ready) {
            return refused(local + (leaving ? " is shutting down" : " is not ready"));
        }
        if (rules.isWitness(local)) {
            return refused(local + " is the witness and owns nothing");
        }
        for (String key : covered) {
            LocalGroup group = group(key);
            group.failed = false;
            group.standby = 0;
            group.requested = group.claim != Claim.HELD;
        }
        return new Answer(true, local + " takes over", covered, proceed(nowNanos));
    }

    /** Lets this node try again to start groups it failed to start. */
    public Answer clearFailure(Scope scope, long nowNanos) {
        List<String> cleared =
                covered(scope).stream().filter(key -> group(key).failed).toList();
        cleared.forEach(key -> group(key).failed = false);
        return new Answer(true, "failures forgotten", cleared, proceed(nowNanos));
    }

    /** Gives up everything, for an orderly shutdown; {@link #mayLeave} says when it is done. */
    public List<TakeoverStep> leave(long nowNanos) {
        leaving = true;
        return proceed(nowNanos);
    }

    /** Whether nothing is held any more, after {@link #leave}. The last status must have been sent. */
    public boolean mayLeave() {
        return leaving && !book.sendDue() && groups.values().stream().allMatch(g -> g.claim == Claim.NONE);
    }

    private List<String> covered(Scope scope) {
        return rules.groups().stream()
                .filter(g -> scope.covers(local, g.preferredNode()))
                .map(ResourceGroup::key)
                .toList();
    }

    private boolean ableToOwn(String node) {
        return !rules.isWitness(node)
                && book.peer(node)
                        .filter(theirs -> theirs.view().equals(view.id()) && theirs.ready() && !theirs.leaving())
                        .isPresent();
    }

    private static Answer refused(String why) {
        return new Answer(false, why, List.of(), List.of());
    }

    private int nextStandby(String key) {
        int highest = group(key).standby;
        for (NodeStatus theirs : book.peers()) {
            highest = Math.max(highest, theirs.group(key).standby());
        }
        return highest + 1;
    }

    // --- what it says ------------------------------------------------------------------------------------------------

    /** The status to send to all members now; present once after everything worth telling. */
    public Optional<NodeStatus> statusToSend(long nowNanos) {
        return book.toSend(nowNanos);
    }

    /** What this node says of itself. */
    public NodeStatus status() {
        return book.own();
    }

    /** The latest word of each other member. */
    public List<NodeStatus> peers() {
        return book.peers();
    }

    /** What to answer another daemon that asks who has a group: one for each group this node knows. */
    public Map<String, ClaimAnswer> claimAnswers(long nowNanos) {
        Map<String, ClaimAnswer> answers = new TreeMap<>();
        groups.forEach(
                (key, group) -> answers.put(key, new ClaimAnswer(group.state(), group.heldFor(nowNanos), configHash)));
        return answers;
    }

    /** What to answer about one group. */
    public ClaimAnswer claimAnswer(String key, long nowNanos) {
        LocalGroup group = groups.get(key);
        return group == null
                ? ClaimAnswer.nothing(configHash)
                : new ClaimAnswer(group.state(), group.heldFor(nowNanos), configHash);
    }

    /** The parts of the configuration in which each other member differs from this one; members without a difference are left out. */
    public Map<String, List<String>> differences() {
        return book.differences();
    }

    /** Where each group stands, in the order of haresources. */
    public List<Outlook> outlooks() {
        return outlooks;
    }

    public ClusterView view() {
        return view;
    }

    // --- the step ----------------------------------------------------------------------------------------------------

    private List<TakeoverStep> proceed(long nowNanos) {
        settle(nowNanos);
        yieldToRequests();
        balance.observe(book.pings(), pingSettleNanos(), nowNanos);
        book.renew(describe());
        TakeoverPlan plan = plan();
        if (want(plan)) {
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
        wakeupNanos = earliestWakeup(nowNanos);
        return List.copyOf(steps.values());
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
    private boolean want(TakeoverPlan plan) {
        boolean more = false;
        for (Outlook outlook : plan.outlooks()) {
            LocalGroup group = group(outlook.group());
            if (outlook.wanted() && group.wantedSince == 0) {
                group.wantedSince = book.nextSequence(); // the next status is the first that says so
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
        String stuck = group(outlook.group()).stuck;
        String obstacle = obstacles.getOrDefault(outlook.group(), "");
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

    private LocalGroup group(String key) {
        return groups.computeIfAbsent(key, _ -> new LocalGroup());
    }
}
