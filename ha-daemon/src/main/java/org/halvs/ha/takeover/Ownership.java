package org.halvs.ha.takeover;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.takeover.TakeoverPlan.Outlook;
import org.halvs.resource.ResourceGroup;

/**
 * What one node knows about who owns what, and what it does about it. Fed with everything that happens; answers with the steps to run now. Confined to the
 * control loop; {@code nowNanos} is a monotonic time that never goes back.
 *
 * <p>After every call the loop runs the returned steps and sends {@link #statusToSend} to all members when it is present.
 */
public final class Ownership {
    /** A network that was told where a group is need not be told again at once. */
    private static final long ANNOUNCED_ENOUGH_NANOS = 1_000_000_000L;

    private final LocalNode here;

    /**
     * A node that has just started, alone as far as it knows, not ready, and holding nothing.
     *
     * @param incarnation milliseconds since 1970 at the start, greater than in every earlier life of this node
     */
    public Ownership(TakeoverRules rules, String localNode, long incarnation, long nowNanos) {
        here = new LocalNode(rules, localNode, incarnation, nowNanos);
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
                .filter(node ->
                        !here.view.contains(node) && here.arbitration.absences().met(node))
                .toList();
        boolean left = !installed.members().containsAll(here.view.members());
        here.view = installed;
        here.arbitration.viewInstalled(installed, nowNanos);
        for (LocalGroup group : here.groups.values()) {
            group.installView(installed.merge(), nowNanos);
            group.returned |= group.claim == Claim.HELD && !joined.isEmpty() && !installed.merge();
            if (left) {
                group.starts.endPause();
            }
            if (installed.members().size() == 1) {
                group.standby = 0; // the peer it was sent to is gone
            }
        }
        here.book.viewInstalled(installed);
        return here.proceed(nowNanos);
    }

    /** Another node said something. What was said earlier than what is known already changes nothing. */
    public List<TakeoverStep> onStatus(NodeStatus heard, long nowNanos) {
        if (!here.book.hear(heard, nowNanos)) {
            return List.of();
        }
        for (GroupStatus theirs : heard.groups()) {
            LocalGroup mine = here.groups.get(theirs.group());
            if (mine != null
                    && mine.claim == Claim.HELD
                    && theirs.claim().owns()
                    && here.arbitration.isDeaf(heard.node(), nowNanos)) {
                mine.yields = heard.node() + " does not hear " + here.local + " and has taken it";
            }
        }
        return here.proceed(nowNanos);
    }

    /** Time passed. Called at least at {@link #nextWakeupNanos}; calling it more often does no harm. */
    public List<TakeoverStep> tick(long nowNanos) {
        here.book.time(nowNanos);
        return here.proceed(nowNanos);
    }

    /** When {@link #tick} must be called next. */
    public OptionalLong nextWakeupNanos() {
        return OptionalLong.of(here.wakeupNanos);
    }

    /** A node that is heard says that it does not hear this one, or that it does again. */
    public List<TakeoverStep> oneWay(String node, boolean notHeard, long nowNanos) {
        here.arbitration.oneWay(node, notHeard, nowNanos);
        here.groups.values().forEach(group -> group.check.schedule(nowNanos));
        return here.proceed(nowNanos);
    }

    /**
     * A member is about to be silent: whether anybody answers for what it has is asked now, so that the answer is there when it is given up.
     */
    public List<TakeoverStep> overdue(String node, long nowNanos) {
        List<TakeoverStep> steps = new ArrayList<>();
        for (GroupStatus theirs : here.book.peer(node).map(NodeStatus::groups).orElse(List.of())) {
            LocalGroup group = here.groups.get(theirs.group());
            if (theirs.claim().owns() && group != null && here.couldTake(group)) {
                String reason = "before " + here.local + " may have to take it: " + node + " is overdue";
                group.check
                        .anticipate(nowNanos)
                        .ifPresent(
                                number -> steps.add(new TakeoverStep.CheckClaim(theirs.group(), number, true, reason)));
            }
        }
        steps.addAll(here.proceed(nowNanos));
        return steps;
    }

    /** Whether what is being found out about a group is not needed yet. */
    public boolean anticipates(String key) {
        return here.group(key).check.anticipates() && !here.wants(key);
    }

    /** This node did not run for so long that others may have taken what it has. */
    public List<TakeoverStep> asleep(long nowNanos) {
        here.arbitration.asleep(nowNanos);
        for (LocalGroup group : here.groups.values()) {
            group.check.makeVoid();
            group.doubtful = here.rules.nodes().size() > 1 && group.claim.owns();
        }
        return here.proceed(nowNanos);
    }

    // --- what was found out ------------------------------------------------------------------------------------------

    /** Whether an answer to this question still means something: not when it was asked before a sleep, or another one was asked since. */
    public boolean awaits(TakeoverStep.CheckClaim check) {
        return here.group(check.group()).check.awaits(check.number());
    }

    /** A {@link TakeoverStep.CheckClaim} has come to an end. */
    public List<TakeoverStep> claimChecked(TakeoverStep.CheckClaim check, ClaimReport report, long nowNanos) {
        LocalGroup group = here.group(report.group());
        boolean worth = group.check.end(check.number(), report);
        if (worth) {
            report.daemons()
                    .forEach((node, answer) ->
                            group.rivals.answered(node, answer.state(), group.check.begunNanos(), nowNanos));
        }
        if (worth && report.result() instanceof ClaimResult.HeldByLiveDaemon) {
            group.rivals.startOver(nowNanos);
        }
        if (worth && group.claim == Claim.HELD) {
            here.arbitration
                    .found(report, group, here.view, here.configHash, nowNanos)
                    .ifPresent(step -> {
                        switch (step) {
                            case TakeoverStep.Release release -> group.yields = release.reason();
                            default -> group.announce = step.reason();
                        }
                    });
        }
        return here.proceed(nowNanos);
    }

    /**
     * Another node's daemon asked on a group's network who has it.
     *
     * @param asking what that node has to do with the group
     */
    public List<TakeoverStep> asked(String node, String key, ClaimAnswer asking, long nowNanos) {
        LocalGroup group = here.groups.get(key);
        if (group == null || node.equals(here.local)) {
            return List.of();
        }
        ClaimState theirs = asking.state();
        group.rivals.asked(node, theirs, nowNanos);
        if (theirs == ClaimState.HAS) {
            group.check.takenMeanwhile();
        }
        if (group.claim == Claim.HELD && !group.doubtful) {
            if (theirs == ClaimState.DOUBTS && nowNanos - group.announcedNanos >= ANNOUNCED_ENOUGH_NANOS) {
                group.announce = node + " was asleep and asks who has it";
            } else if (theirs == ClaimState.HAS && !here.view.contains(node)) {
                group.check.schedule(nowNanos);
            }
        }
        return here.proceed(nowNanos);
    }

    /** How many ping nodes answer. */
    public List<TakeoverStep> pings(int reached, long nowNanos) {
        here.arbitration.pings(reached);
        return here.proceed(nowNanos);
    }

    /** A {@link TakeoverStep.Fence} has come to an end. */
    public List<TakeoverStep> fenced(String node, boolean reset, String text, long nowNanos) {
        here.arbitration.fenced(node, reset, text, nowNanos);
        here.groups.values().forEach(group -> group.finding = "");
        return here.proceed(nowNanos);
    }

    /** This node can't serve a group until {@link #fit} is called, for a reason outside of its resources ({@code eth0 has no carrier}). */
    public List<TakeoverStep> unfit(String key, String reason, long nowNanos) {
        here.group(key).unfit(reason);
        return here.proceed(nowNanos);
    }

    /** The reason for {@link #unfit} is gone. */
    public List<TakeoverStep> fit(String key, long nowNanos) {
        here.group(key).unfit("");
        return here.proceed(nowNanos);
    }

    /** A part of the configuration other nodes should have too was read. */
    public List<TakeoverStep> fingerprint(String part, long number, long nowNanos) {
        here.fingerprint(part, number);
        return here.proceed(nowNanos);
    }

    // --- what happens on this node -----------------------------------------------------------------------------------

    /** Whether this node may own anything. Not so from the start: the daemon says when its resources are understood and cleaned up. */
    public List<TakeoverStep> ready(boolean mayOwn, long nowNanos) {
        here.ready = mayOwn;
        return here.proceed(nowNanos);
    }

    /** Another configuration took effect. */
    public List<TakeoverStep> configure(TakeoverRules changed, long nowNanos) {
        here.configure(changed);
        return here.proceed(nowNanos);
    }

    /** Whether a group that is being taken, or was, comes from a machine whose kernel is alive, whatever became of the daemon on it. */
    public boolean takenFromLivingKernel(String key) {
        return here.group(key).strangerSeen >= 0;
    }

    /** Every resource of the group runs. */
    public List<TakeoverStep> acquired(String key, long nowNanos) {
        LocalGroup group = expect(key, Claim.ACQUIRING);
        group.hold(nowNanos);
        group.check.schedule(nowNanos + (group.doubtful ? 0 : Arbitration.HOLDER_CHECK_NANOS));
        return here.proceed(nowNanos);
    }

    /**
     * The group could not be started; whatever of it had started was stopped again. Another node gets it; this one tries again when none can, or when
     * {@link #takeover} asks for it.
     */
    public List<TakeoverStep> acquireFailed(String key, long nowNanos) {
        LocalGroup group = expect(key, Claim.ACQUIRING);
        group.reset();
        group.starts.happened(nowNanos);
        group.requested = false;
        return here.proceed(nowNanos);
    }

    /** Whether a member waits for a group that is being released here, so that it passes from hand to hand. */
    public boolean handsOver(String key) {
        List<NodeStatus> peers = here.book.peers();
        return here.group(key).unfit.isEmpty()
                && peers.stream().noneMatch(peer -> peer.group(key).claim().owns())
                && peers.stream()
                        .anyMatch(peer ->
                                here.ableToOwn(peer.node()) && peer.group(key).wanted()
                                        || here.leaving && here.couldTake(peer, key));
    }

    /**
     * A group that was being started, or was held, does not work here, and something of it could not be stopped. It stays claimed as after
     * {@link #releaseFailed}: part of it still runs.
     *
     * @param cause which resource, and what it said
     */
    public List<TakeoverStep> brokenAndStuck(String key, String cause, long nowNanos) {
        LocalGroup group = here.group(key);
        if (group.claim != Claim.ACQUIRING && group.claim != Claim.HELD) {
            throw new IllegalStateException(key + " is " + group.claim);
        }
        group.reset();
        group.claim = Claim.RELEASING;
        group.starts.happened(nowNanos);
        group.requested = false;
        group.stuck = cause;
        return here.proceed(nowNanos);
    }

    /** Every resource of the group is stopped. */
    public List<TakeoverStep> released(String key, long nowNanos) {
        expect(key, Claim.RELEASING).reset();
        return here.proceed(nowNanos);
    }

    /**
     * The group could not be stopped. It stays claimed, so that nobody else takes it, until {@link #released} says otherwise.
     *
     * @param cause what went wrong, for the outlook
     */
    public List<TakeoverStep> releaseFailed(String key, String cause, long nowNanos) {
        expect(key, Claim.RELEASING).stuck = cause;
        return here.proceed(nowNanos);
    }

    /** A group found running at the start, which this node goes on holding. */
    public List<TakeoverStep> adopt(String key, long nowNanos) {
        LocalGroup group = expect(key, Claim.NONE);
        group.claim = Claim.HELD;
        group.heldSinceNanos = nowNanos;
        return here.proceed(nowNanos);
    }

    /** A held group failed here beyond repair and was stopped. */
    public List<TakeoverStep> lost(String key, long nowNanos) {
        LocalGroup group = expect(key, Claim.HELD);
        group.reset();
        group.starts.happened(nowNanos);
        return here.proceed(nowNanos);
    }

    private LocalGroup expect(String key, Claim claim) {
        LocalGroup group = here.groups.computeIfAbsent(key, _ -> new LocalGroup());
        if (group.claim != claim) {
            throw new IllegalStateException(key + " is " + group.claim + ", not " + claim);
        }
        return group;
    }

    // --- what operators want -----------------------------------------------------------------------------------------

    /** Sends groups away from this node. They stay away until the peer is gone, or somebody asks to have them here. */
    public Answer standby(Scope scope, long nowNanos) {
        List<String> covered = covered(scope);
        if (here.leaving) {
            return refused(here.local + " is shutting down");
        }
        if (here.view.members().stream().noneMatch(m -> !m.equals(here.local) && here.ableToOwn(m))) {
            return refused("there is no other node that could take them");
        }
        for (String key : covered) {
            LocalGroup group = here.group(key);
            group.standby = here.nextStandby(key);
            group.requested = false;
        }
        return new Answer(true, here.local + " goes on standby", covered, here.proceed(nowNanos));
    }

    /** Brings groups to this node. */
    public Answer takeover(Scope scope, long nowNanos) {
        List<String> covered = covered(scope);
        if (here.leaving || !here.ready) {
            return refused(here.local + (here.leaving ? " is shutting down" : " is not ready"));
        }
        if (here.rules.isWitness(here.local)) {
            return refused(here.local + " is the witness and owns nothing");
        }
        Optional<String> powerless = here.powerless();
        if (powerless.isPresent()) {
            return refused(powerless.get());
        }
        for (String key : covered) {
            LocalGroup group = here.group(key);
            group.starts.forget();
            group.standby = 0;
            group.requested = group.claim != Claim.HELD;
        }
        return new Answer(true, here.local + " takes over", covered, here.proceed(nowNanos));
    }

    /** Lets this node try again to stop what it could not stop. */
    public List<TakeoverStep> stopAgain(long nowNanos) {
        List<TakeoverStep> steps = new ArrayList<>();
        here.groups.forEach((key, group) -> {
            if (!group.stuck.isEmpty()) {
                group.stuck = "";
                steps.add(new TakeoverStep.Release(key, "an operator wants it to be tried again"));
            }
        });
        steps.addAll(here.proceed(nowNanos));
        return steps;
    }

    /** Gives up everything, for an orderly shutdown; {@link #mayLeave} says when it is done. */
    public List<TakeoverStep> leave(long nowNanos) {
        here.leaving = true;
        return here.proceed(nowNanos);
    }

    /** Whether nothing is held any more, after {@link #leave}. The last status must have been sent. */
    public boolean mayLeave() {
        return here.leaving
                && !here.book.sendDue()
                && here.groups.values().stream().allMatch(g -> g.claim == Claim.NONE);
    }

    private List<String> covered(Scope scope) {
        return here.rules.groups().stream()
                .filter(g -> scope.covers(here.local, g.preferredNode()))
                .map(ResourceGroup::key)
                .toList();
    }

    private static Answer refused(String why) {
        return new Answer(false, why, List.of(), List.of());
    }

    // --- what it says ------------------------------------------------------------------------------------------------

    /** The status to send to all members now; present once after everything worth telling. */
    public Optional<NodeStatus> statusToSend(long nowNanos) {
        Optional<NodeStatus> status = here.book.toSend(nowNanos);
        if (status.isPresent()) {
            here.wakeupNanos = Math.min(here.wakeupNanos, here.book.resendNanos());
        }
        return status;
    }

    /** What this node says of itself. */
    public NodeStatus status() {
        return here.book.own();
    }

    /** The latest word of each other member. */
    public List<NodeStatus> peers() {
        return here.book.peers();
    }

    /** What to answer another daemon that asks who has a group: one for each group this node knows. */
    public Map<String, ClaimAnswer> claimAnswers(long nowNanos) {
        Map<String, ClaimAnswer> answers = new TreeMap<>();
        here.groups.forEach((key, group) ->
                answers.put(key, new ClaimAnswer(group.state(), group.heldFor(nowNanos), here.configHash)));
        return answers;
    }

    /** What to answer about one group. */
    public ClaimAnswer claimAnswer(String key, long nowNanos) {
        LocalGroup group = here.groups.get(key);
        return group == null
                ? ClaimAnswer.nothing(here.configHash)
                : new ClaimAnswer(group.state(), group.heldFor(nowNanos), here.configHash);
    }

    /** The parts of the configuration in which each other member differs from this one; members without a difference are left out. */
    public Map<String, List<String>> differences() {
        return here.book.differences();
    }

    /** Where each group stands, in the order of haresources. */
    public List<Outlook> outlooks() {
        return here.outlooks;
    }

    public ClusterView view() {
        return here.view;
    }
}
