package org.halvs.ha.takeover;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
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
    /** A status is repeated when nothing was sent for so long, so that a lost one does no harm. */
    static final long RESEND_NANOS = 1_000_000_000L;

    private static final ViewId NO_VIEW = new ViewId("", 0);

    private final String local;
    private final long incarnation;
    private final long startedNanos;
    private TakeoverRules rules;

    private ClusterView view;
    private boolean ready;
    private boolean settled;
    private boolean leaving;
    private final Map<String, LocalGroup> groups = new LinkedHashMap<>();
    private final Map<String, NodeStatus> peers = new LinkedHashMap<>();
    /** Nodes that were members once: whoever was and is not any more needs no waiting for. */
    private final TreeSet<String> met = new TreeSet<>();

    private long sequence;
    private NodeStatus status;
    private boolean sendDue = true;
    private long sentNanos;
    private List<Outlook> outlooks = List.of();

    /**
     * A node that has just started, alone as far as it knows, not ready, and holding nothing.
     *
     * @param incarnation milliseconds since 1970 at the start, greater than in every earlier life of this node
     */
    public Ownership(TakeoverRules rules, String localNode, long incarnation, long nowNanos) {
        this.rules = rules;
        this.local = localNode;
        this.incarnation = incarnation;
        this.startedNanos = nowNanos;
        this.view = new ClusterView(NO_VIEW, List.of(localNode), false);
        this.sentNanos = nowNanos;
        this.status = describe();
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
        view = installed;
        peers.keySet().removeIf(node -> !installed.contains(node));
        met.addAll(installed.members());
        for (LocalGroup group : groups.values()) {
            group.installView(installed.merge(), nowNanos);
            if (installed.members().size() == 1) {
                group.standby = 0; // the peer it was sent to is gone
            }
        }
        sendDue = true;
        return proceed(nowNanos);
    }

    /** Another node said something. What was said earlier than what is known already changes nothing. */
    public List<TakeoverStep> onStatus(NodeStatus heard, long nowNanos) {
        NodeStatus known = peers.get(heard.node());
        if (heard.node().equals(local) || (known != null && !heard.supersedes(known))) {
            return List.of();
        }
        boolean news =
                known == null || known.incarnation() != heard.incarnation() || known.sequence() != heard.sequence();
        peers.put(heard.node(), heard);
        sendDue |= news; // whoever says something new waits for the answer that it was heard
        return proceed(nowNanos);
    }

    /** Time passed. Called at least at {@link #nextWakeupNanos}; calling it more often does no harm. */
    public List<TakeoverStep> tick(long nowNanos) {
        sendDue |= nowNanos - sentNanos >= RESEND_NANOS;
        return proceed(nowNanos);
    }

    /** When {@link #tick} must be called next. */
    public OptionalLong nextWakeupNanos() {
        long resend = sentNanos + RESEND_NANOS;
        long initdead = startedNanos + rules.initdead().toNanos();
        return OptionalLong.of(settled ? resend : Math.min(resend, initdead));
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
        return proceed(nowNanos);
    }

    /** Every resource of the group runs. */
    public List<TakeoverStep> acquired(String key, long nowNanos) {
        LocalGroup group = expect(key, Claim.ACQUIRING);
        group.claim = Claim.HELD;
        group.heldSinceNanos = nowNanos;
        group.heldMillis = 0;
        group.standby = 0;
        group.requested = false;
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
        return leaving && !sendDue && groups.values().stream().allMatch(g -> g.claim == Claim.NONE);
    }

    private List<String> covered(Scope scope) {
        return rules.groups().stream()
                .filter(g -> scope.covers(local, g.preferredNode()))
                .map(ResourceGroup::key)
                .toList();
    }

    private boolean ableToOwn(String node) {
        NodeStatus theirs = peers.get(node);
        return theirs != null && theirs.view().equals(view.id()) && theirs.ready() && !theirs.leaving();
    }

    private static Answer refused(String why) {
        return new Answer(false, why, List.of(), List.of());
    }

    private int nextStandby(String key) {
        int highest = group(key).standby;
        for (NodeStatus theirs : peers.values()) {
            highest = Math.max(highest, theirs.group(key).standby());
        }
        return highest + 1;
    }

    // --- what it says ------------------------------------------------------------------------------------------------

    /** The status to send to all members now; present once after everything worth telling. */
    public Optional<NodeStatus> statusToSend(long nowNanos) {
        if (!sendDue) {
            return Optional.empty();
        }
        sendDue = false;
        sentNanos = nowNanos;
        return Optional.of(status);
    }

    /** What this node says of itself. */
    public NodeStatus status() {
        return status;
    }

    /** The latest word of each other member. */
    public List<NodeStatus> peers() {
        return List.copyOf(peers.values());
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
        refresh();
        TakeoverPlan plan = plan();
        if (want(plan)) {
            refresh(); // the wish is part of the status, and alone in the view nobody has to agree to it
            plan = plan();
        }
        List<TakeoverStep> steps = new ArrayList<>(plan.steps());
        for (TakeoverStep step : plan.steps()) {
            LocalGroup group = group(step.group());
            switch (step) {
                case TakeoverStep.Acquire _ -> group.claim = Claim.ACQUIRING;
                case TakeoverStep.Release _ -> group.claim = Claim.RELEASING;
                case TakeoverStep.Announce _ -> {}
            }
            group.wantedSince = 0;
        }
        announcements(plan, steps);
        outlooks = plan.outlooks().stream().map(this::withTrouble).toList();
        refresh();
        return List.copyOf(steps);
    }

    private TakeoverPlan plan() {
        Map<String, NodeStatus> statuses = new LinkedHashMap<>(peers);
        statuses.put(local, status);
        Map<String, Long> wanted = new LinkedHashMap<>();
        groups.forEach((key, group) -> {
            if (group.wantedSince > 0) {
                wanted.put(key, group.wantedSince);
            }
        });
        return TakeoverPlanner.plan(rules, local, view, statuses, wanted);
    }

    /** Takes over from the plan what this node wants. Answers whether a new wish is among it. */
    private boolean want(TakeoverPlan plan) {
        boolean more = false;
        for (Outlook outlook : plan.outlooks()) {
            LocalGroup group = group(outlook.group());
            if (outlook.wanted() && group.wantedSince == 0) {
                group.wantedSince = sequence + 1; // the next status is the first that says so
                more = true;
            } else if (!outlook.wanted()) {
                group.wantedSince = 0;
            }
        }
        return more;
    }

    /** An operator on another node asked to have a group there: for this node that is a standby. */
    private void yieldToRequests() {
        for (NodeStatus theirs : peers.values()) {
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
                || peers.values().stream().anyMatch(p -> p.settled() && view.contains(p.node()))
                || rules.nodes().stream().allMatch(this::needsNoWaiting);
    }

    private boolean needsNoWaiting(String node) {
        if (node.equals(local)) {
            return true;
        }
        NodeStatus theirs = peers.get(node);
        return view.contains(node) ? theirs != null && (theirs.ready() || theirs.leaving()) : met.contains(node);
    }

    private Outlook withTrouble(Outlook outlook) {
        String stuck = group(outlook.group()).stuck;
        return stuck.isEmpty()
                ? outlook
                : new Outlook(
                        outlook.group(),
                        outlook.owner(),
                        outlook.target(),
                        false,
                        local + " could not stop it: " + stuck);
    }

    private void announcements(TakeoverPlan plan, List<TakeoverStep> steps) {
        for (Outlook outlook : plan.outlooks()) {
            LocalGroup group = group(outlook.group());
            if (group.claim != Claim.HELD || outlook.target().isEmpty()) {
                continue;
            }
            List<String> rivals = peers.values().stream()
                    .filter(p -> p.group(outlook.group()).claim() != Claim.NONE)
                    .map(NodeStatus::node)
                    .toList();
            if (group.merged) {
                group.merged = false;
                steps.add(new TakeoverStep.Announce(outlook.group(), "the cluster was cut and is whole again"));
            } else if (rivals.isEmpty() && group.contested) {
                steps.add(new TakeoverStep.Announce(outlook.group(), "no other node has it any more"));
            }
            group.contested = !rivals.isEmpty();
        }
    }

    /** Renews the status; when anything in it but {@code seen} changed, under the next sequence, and to be sent. */
    private void refresh() {
        NodeStatus now = describe();
        if (now.equals(status)) {
            return;
        }
        boolean content = !withoutAnswers(now).equals(withoutAnswers(status));
        if (content) {
            sequence++;
            sendDue = true;
            now = describe();
        }
        status = now;
    }

    private NodeStatus describe() {
        List<GroupStatus> told = new ArrayList<>();
        groups.forEach((key, group) -> {
            GroupStatus described = group.describe(key);
            if (!described.saysNothing()) {
                told.add(described);
            }
        });
        List<NodeStatus.Seen> seen = peers.values().stream()
                .map(p -> new NodeStatus.Seen(p.node(), p.incarnation(), p.sequence()))
                .toList();
        return new NodeStatus(
                local, incarnation, sequence, view.id(), ready, settled, leaving, rules.configHash(), told, seen);
    }

    private static NodeStatus withoutAnswers(NodeStatus status) {
        return new NodeStatus(
                status.node(),
                status.incarnation(),
                0,
                status.view(),
                status.ready(),
                status.settled(),
                status.leaving(),
                status.configHash(),
                status.groups(),
                List.of());
    }

    private LocalGroup group(String key) {
        return groups.computeIfAbsent(key, _ -> new LocalGroup());
    }

    /** What this node has to do with one group. */
    private static final class LocalGroup {
        Claim claim = Claim.NONE;
        long heldSinceNanos;
        long heldMillis;
        int standby;
        boolean failed;
        boolean requested;
        /** The sequence of the first status that told the others of the wish, 0 without one. */
        long wantedSince;
        /** Whether a merge happened that has not been announced yet. */
        boolean merged;
        /** Whether another member claimed the group as well when last looked at. */
        boolean contested;
        /** Why stopping failed, empty when it did not. */
        String stuck = "";

        void installView(boolean merge, long nowNanos) {
            heldMillis = claim == Claim.HELD ? (nowNanos - heldSinceNanos) / 1_000_000 : 0;
            merged = merge && claim == Claim.HELD;
        }

        void reset() {
            claim = Claim.NONE;
            heldMillis = 0;
            merged = false;
            contested = false;
            stuck = "";
        }

        GroupStatus describe(String key) {
            return new GroupStatus(key, claim, heldMillis, standby, failed, wantedSince > 0, requested);
        }
    }
}
