package org.halvs.ha.takeover;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.takeover.TakeoverPlan.Outlook;
import org.halvs.resource.ResourceGroup;

/**
 * Decides what one node does about each group. Who should own a group follows from the view and the members' statuses alone, so that all members that have
 * heard the same come to the same answer.
 *
 * <p>In order of weight:
 * <ol>
 *   <li>A node that is leaving, is not ready, can't serve the group just now or is the witness does not get it; one that an operator sent it away from gets it
 *       only when there is no other; one that could not start it only when there is not even one of those, and {@linkplain FailedStarts not too often}.
 *   <li>Of those that are left, only the ones that reach most ping nodes count.
 *   <li>With auto_failback the preferred node gets it.
 *   <li>Who has it keeps it. Of two that have it, which happens after a cut has healed: not the one that was asleep; the preferred node with auto_failback,
 *       else who had it longer, else who comes first in ha.cf.
 *   <li>Nobody has it: the preferred node, else the first in ha.cf.
 * </ol>
 * While the members' configurations differ, nothing goes home and ties go to the name that comes first: rules that both sides read alike.
 */
public final class TakeoverPlanner {
    private final TakeoverRules rules;
    private final String local;
    private final ClusterView view;
    private final Map<String, NodeStatus> statuses;
    private final Map<String, Long> wantedSince;
    private final Map<String, Integer> pings;

    private TakeoverPlanner(
            TakeoverRules rules,
            String local,
            ClusterView view,
            Map<String, NodeStatus> statuses,
            Map<String, Long> wantedSince,
            Map<String, Integer> pings) {
        this.rules = rules;
        this.local = local;
        this.view = view;
        this.statuses = statuses;
        this.wantedSince = wantedSince;
        this.pings = pings;
    }

    /**
     * What {@code local} should do now.
     *
     * @param local a member of {@code view}
     * @param statuses the latest status of each node that has said something, including {@code local}'s own
     * @param wantedSince for each group {@code local} has told the others it wants: the sequence of its first status that said so
     * @param pings how many ping nodes each member reaches, as far as that is settled; members that are missing here are not compared
     */
    public static TakeoverPlan plan(
            TakeoverRules rules,
            String local,
            ClusterView view,
            Map<String, NodeStatus> statuses,
            Map<String, Long> wantedSince,
            Map<String, Integer> pings) {
        return new TakeoverPlanner(rules, local, view, statuses, wantedSince, pings).plan();
    }

    private TakeoverPlan plan() {
        List<TakeoverStep> steps = new ArrayList<>();
        List<Outlook> outlooks = new ArrayList<>();
        for (ResourceGroup group : rules.groups()) {
            decide(group, steps, outlooks);
        }
        for (GroupStatus held : own().groups()) {
            if (held.claim() == Claim.HELD && rules.group(held.group()).isEmpty()) {
                steps.add(new TakeoverStep.Release(held.group(), "it is no longer in haresources"));
            }
        }
        return new TakeoverPlan(steps, outlooks);
    }

    private void decide(ResourceGroup group, List<TakeoverStep> steps, List<Outlook> outlooks) {
        String key = group.key();
        GroupStatus mine = own().group(key);
        String owner = owner(key);
        if (mine.claim() == Claim.HELD && own().leaving()) {
            steps.add(new TakeoverStep.Release(key, local + " is shutting down"));
            outlooks.add(new Outlook(key, owner, "", false, local + " is shutting down"));
            return;
        }
        List<String> silent = view.members().stream().filter(m -> !spoke(m)).toList();
        if (!silent.isEmpty()) {
            String reason = "waiting to hear from " + String.join(", ", silent) + " in view " + view;
            outlooks.add(new Outlook(key, owner, "", mine.wanted(), reason));
            return;
        }
        Choice choice = choose(group);
        boolean want = mine.claim() == Claim.NONE && choice.node().equals(local);
        String reason = choice.reason();
        switch (mine.claim()) {
            case HELD -> {
                Optional<TakeoverStep> step = releaseFor(group, choice);
                step.ifPresent(steps::add);
                if (!choice.node().equals(local) && step.isEmpty()) {
                    reason = reason + "; " + local + " keeps it until " + choice.node() + " says that it wants it";
                }
            }
            case NONE -> {
                if (want) {
                    String obstacle = obstacle(key);
                    if (obstacle.isEmpty()) {
                        steps.add(new TakeoverStep.Acquire(key, choice.reason()));
                    } else {
                        reason = reason + "; " + obstacle;
                    }
                }
            }
            case ACQUIRING -> reason = local + " is starting it";
            case RELEASING -> reason = local + " is stopping it";
        }
        outlooks.add(new Outlook(key, owner, choice.node(), want, reason));
    }

    /** @param node who should own the group; empty when nobody can */
    private record Choice(String node, String reason) {}

    private Choice choose(ResourceGroup group) {
        String key = group.key();
        List<String> fit = reachingMost(able(group).stream()
                .filter(m -> !failed(m, key) && standby(m, key) == 0)
                .toList());
        List<String> owners = owners(key);
        String preferred = group.preferredNode();
        boolean unsure = owners.size() > 1 && owners.contains(preferred) && doubtful(preferred, key);
        if (rules.returnsHome() && agreed() && fit.contains(preferred) && !unsure) {
            return new Choice(preferred, preferredReason(preferred, owners));
        }
        if (owners.isEmpty()) {
            return fit.isEmpty() ? lastResort(group) : new Choice(fit.getFirst(), unownedReason(group, fit.getFirst()));
        }
        String incumbent = incumbent(group, owners);
        if (fit.contains(incumbent)) {
            return new Choice(incumbent, incumbentReason(group, incumbent, owners));
        }
        if (!fit.isEmpty()) {
            return new Choice(fit.getFirst(), fit.getFirst() + " takes it: " + whyNot(incumbent, key));
        }
        Choice sentAway = lastResort(group);
        boolean leaves = status(incumbent).leaving();
        return !sentAway.node().isEmpty() || leaves
                ? sentAway
                : new Choice(
                        incumbent, incumbent + " keeps it although " + whyNot(incumbent, key) + ": there is no other");
    }

    /** Nodes an operator sent the group away from, the one longest ago first, then those that could not start it before: better than nobody. */
    private Choice lastResort(ResourceGroup group) {
        String key = group.key();
        return reachingMost(able(group)).stream()
                .min(Comparator.<String, Boolean>comparing(m -> failed(m, key)).thenComparingInt(m -> standby(m, key)))
                .map(m -> new Choice(m, lastResortReason(m, key)))
                .orElseGet(() -> new Choice("", nobodyReason(key)));
    }

    private String lastResortReason(String node, String key) {
        return failed(node, key)
                ? node + " tries again although its start failed there: there is no other"
                : node + " has it although it is on standby: there is no other";
    }

    private String nobodyReason(String key) {
        return "nobody can have it: "
                + view.members().stream().map(m -> whyNot(m, key)).collect(Collectors.joining(", "));
    }

    private String preferredReason(String preferred, List<String> owners) {
        if (owners.isEmpty()) {
            return unownedReason(preferred, true);
        }
        if (owners.contains(preferred)) {
            return owners.size() == 1
                    ? preferred + " has it and is its preferred node"
                    : String.join(" and ", owners) + " both have it; " + preferred + " keeps it as its preferred node";
        }
        return "it goes home to " + preferred + ", its preferred node (auto_failback)";
    }

    private String unownedReason(ResourceGroup group, String node) {
        if (status(node).group(group.key()).requested()) {
            return node + " was asked to take it over";
        }
        List<String> away = view.members().stream()
                .filter(m -> !m.equals(node) && (!fit(m, group.key()) || standby(m, group.key()) > 0))
                .map(m -> whyNot(m, group.key()))
                .toList();
        if (!away.isEmpty()) {
            return "nobody has it, " + node + " can: " + String.join(", ", away);
        }
        return unownedReason(node, node.equals(group.preferredNode()));
    }

    private String unownedReason(String node, boolean preferred) {
        String alone = view.members().size() == 1 ? "no other node is there (view " + view + ")" : "nobody has it";
        return alone + " and " + node + (preferred ? " is its preferred node" : " is the next that can");
    }

    private String incumbentReason(ResourceGroup group, String incumbent, List<String> owners) {
        if (owners.size() == 1) {
            return incumbent + " has it";
        }
        String ages = owners.stream()
                .map(m ->
                        "%s for %d ms".formatted(m, status(m).group(group.key()).heldMillis()))
                .collect(Collectors.joining(", "));
        return String.join(" and ", owners) + " both have it; " + incumbent + " keeps it (held before they met: " + ages
                + ")";
    }

    private String whyNot(String node, String key) {
        NodeStatus status = status(node);
        if (rules.isWitness(node)) {
            return node + " is the witness and owns nothing";
        }
        if (status.leaving()) {
            return node + " is shutting down";
        }
        if (!status.ready()) {
            return node + " is not ready";
        }
        if (failed(node, key)) {
            return "its start failed on " + node;
        }
        if (!status.group(key).unfit().isEmpty()) {
            return status.group(key).unfit() + " on " + node;
        }
        if (standby(node, key) > 0) {
            return node + " is on standby";
        }
        return reached(node).isPresent() ? reachedText(node) : node + " could have it";
    }

    private String reachedText(String poorer) {
        return view.members().stream()
                        .filter(m -> reached(m).isPresent())
                        .map(m -> m + " reaches " + reached(m).getAsInt())
                        .collect(Collectors.joining(", "))
                + " of the ping nodes, so " + poorer + " does not have it";
    }

    /**
     * Those that would at least try to start the group, their standby aside; without those that reach no ping node while another does: in a cut they may not
     * have it.
     */
    private List<String> able(ResourceGroup group) {
        List<String> fit = inOrder(group, m -> able(m, group.key()));
        boolean known = fit.stream().noneMatch(m -> reached(m).isEmpty());
        boolean some = fit.stream().anyMatch(m -> reached(m).orElse(0) > 0);
        return known && some
                ? fit.stream().filter(m -> reached(m).getAsInt() > 0).toList()
                : fit;
    }

    /** Those that reach more ping nodes than the others, as ipfail compared them; all while one of them is not known well. */
    private List<String> reachingMost(List<String> candidates) {
        if (candidates.stream().anyMatch(m -> reached(m).isEmpty())) {
            return candidates;
        }
        int most =
                candidates.stream().mapToInt(m -> reached(m).getAsInt()).max().orElse(0);
        return candidates.stream().filter(m -> reached(m).getAsInt() == most).toList();
    }

    private OptionalInt reached(String node) {
        Integer number = pings.get(node);
        return number == null || number < 0 ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /** Of those who have the group, the one that keeps it unless it is unfit. */
    private String incumbent(ResourceGroup group, List<String> owners) {
        String key = group.key();
        Comparator<String> weight = Comparator.<String, Boolean>comparing(m -> !fit(m, key))
                .thenComparing(m -> standby(m, key) > 0)
                .thenComparing(m -> doubtful(m, key))
                .thenComparing(m -> status(m).group(key).claim() != Claim.HELD)
                .thenComparingLong(m -> -status(m).group(key).heldMillis())
                .thenComparingInt(m -> agreed() ? rules.nodes().indexOf(m) : 0)
                .thenComparing(Comparator.naturalOrder());
        return owners.stream().min(weight).orElseThrow();
    }

    private Optional<TakeoverStep> releaseFor(ResourceGroup group, Choice choice) {
        String key = group.key();
        List<String> owners = owners(key);
        if (owners.size() > 1) {
            String winner = owners.contains(choice.node()) ? choice.node() : incumbent(group, owners);
            return winner.equals(local)
                    ? Optional.empty()
                    : Optional.of(new TakeoverStep.Release(key, choice.reason()));
        }
        if (choice.node().isEmpty() || choice.node().equals(local)) {
            return Optional.empty();
        }
        return status(choice.node()).group(key).wanted()
                ? Optional.of(new TakeoverStep.Release(key, choice.reason()))
                : Optional.empty();
    }

    /** What keeps this node from acquiring a group it should own; empty when nothing does. */
    private String obstacle(String key) {
        if (!own().settled()) {
            List<String> missing =
                    rules.nodes().stream().filter(n -> !view.contains(n)).toList();
            return "waiting up to initdead for " + (missing.isEmpty() ? "the others" : String.join(", ", missing));
        }
        Long since = wantedSince.get(key);
        for (String member : view.members()) {
            if (member.equals(local)) {
                continue;
            }
            NodeStatus theirs = status(member);
            GroupStatus group = theirs.group(key);
            if (group.claim() != Claim.NONE) {
                return "waiting for " + member + " to release it";
            }
            if (group.wanted() && member.compareTo(local) < 0) {
                return member + " wants it too and goes first";
            }
            if (since == null || !theirs.hasSeen(local, own().incarnation(), since)) {
                return "waiting for " + member + " to agree";
            }
        }
        return "";
    }

    /** The preferred node first, then the order of ha.cf. */
    private int rank(String key, String node) {
        boolean preferred =
                rules.group(key).map(g -> g.preferredNode().equals(node)).orElse(false);
        return preferred ? -1 : rules.nodes().indexOf(node);
    }

    private boolean agreed() {
        return view.members().stream().allMatch(m -> status(m).configHash() == own().configHash());
    }

    private List<String> inOrder(ResourceGroup group, java.util.function.Predicate<String> wanted) {
        return view.members().stream()
                .filter(wanted)
                .sorted(Comparator.comparingInt(m -> rank(group.key(), m)))
                .toList();
    }

    private List<String> owners(String key) {
        return rules.nodes().stream()
                .filter(m -> view.contains(m)
                        && spoke(m)
                        && status(m).group(key).claim().owns())
                .toList();
    }

    private String owner(String key) {
        return String.join(",", owners(key));
    }

    /** Whether the node could start the group, its standby aside. */
    private boolean fit(String node, String key) {
        return able(node, key) && !failed(node, key);
    }

    /** Whether the node would at least try. */
    private boolean able(String node, String key) {
        NodeStatus status = status(node);
        GroupStatus group = status.group(key);
        return status.ready()
                && !status.leaving()
                && group.mayBeTried()
                && group.unfit().isEmpty()
                && !rules.isWitness(node);
    }

    private boolean failed(String node, String key) {
        return status(node).group(key).failed();
    }

    private boolean doubtful(String node, String key) {
        return status(node).group(key).doubtful();
    }

    private int standby(String node, String key) {
        return status(node).group(key).standby();
    }

    /** Whether the member has said something from within this view. */
    private boolean spoke(String member) {
        NodeStatus status = statuses.get(member);
        return status != null && status.view().equals(view.id());
    }

    private NodeStatus own() {
        return status(local);
    }

    private NodeStatus status(String node) {
        NodeStatus status = statuses.get(node);
        if (status == null) {
            throw new IllegalStateException("no status of " + node);
        }
        return status;
    }
}
