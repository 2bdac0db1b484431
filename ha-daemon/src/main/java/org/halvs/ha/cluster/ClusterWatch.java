package org.halvs.ha.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.halvs.ha.event.DomainEvent;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.membership.Departure;
import org.halvs.ha.takeover.Claim;
import org.halvs.ha.takeover.GroupStatus;
import org.halvs.ha.takeover.NodeStatus;
import org.halvs.ha.takeover.Ownership;
import org.halvs.ha.takeover.Scope;
import org.halvs.ha.takeover.TakeoverPlan.Outlook;
import org.halvs.ha.takeover.TakeoverRules;
import org.halvs.resource.ResourceGroup;

/**
 * Looks at the cluster after everything that happened in it, and says what is new: states of nodes, owners of groups, standbys begun and done,
 * configurations that differ. Decides nothing and does nothing. Confined to the control thread.
 */
public final class ClusterWatch {
    private final String local;
    private TakeoverRules rules;
    private final Map<String, String> states = new HashMap<>();
    private final Map<String, String> owners = new HashMap<>();
    private final Set<String> broken = new LinkedHashSet<>();
    private final Set<String> leaving = new LinkedHashSet<>();
    private final Map<String, List<String>> differing = new HashMap<>();
    /** By node: the groups an operator had sent away from it, or wants on it, when last looked at. */
    private final Map<String, Set<String>> sentAway = new HashMap<>();

    private final Map<String, Set<String>> requested = new HashMap<>();
    private final Map<String, Standby> standbys = new LinkedHashMap<>();
    private final Set<String> takenFrom = new LinkedHashSet<>();
    private Map<String, NodeStatus> latest = Map.of();
    private Optional<Scope> asked = Optional.empty();
    private boolean settled;

    /** Groups on their way from one node to another. */
    private record Standby(String scope, String taker, Set<String> groups) {}

    ClusterWatch(TakeoverRules rules, String local) {
        this.rules = rules;
        this.local = local;
    }

    /** Other rules hold from now on. */
    void configure(TakeoverRules changed) {
        rules = changed;
    }

    /** The next standby of this node, or takeover by it, is the one an operator asked for in these words. */
    void asked(Scope scope) {
        asked = Optional.of(scope);
    }

    /**
     * A view follows another.
     *
     * @param left who was a member and is none any more
     */
    List<DomainEvent> onView(ClusterView view, List<String> left) {
        List<DomainEvent> events = new ArrayList<>();
        for (String node : left) {
            NodeStatus last = latest.get(node);
            boolean heldNothing = last != null && last.groups().stream().allMatch(group -> group.claim() == Claim.NONE);
            Departure how = view.departed().getOrDefault(node, Departure.SILENT);
            boolean orderly = how == Departure.LEFT || leaving.contains(node);
            if (orderly && leaving.add(node)) {
                events.add(new DomainEvent.ShutdownNoticed(node));
            }
            events.add(new DomainEvent.NodeDeparted(
                    node, orderly ? words(Departure.LEFT) : words(how), orderly, heldNothing));
            if (!heldNothing) {
                takenFrom.add(node);
            }
            leaving.remove(node);
            sentAway.remove(node);
            requested.remove(node);
            standbys.remove(node);
            differing.remove(node);
        }
        return events;
    }

    private static String words(Departure how) {
        return switch (how) {
            case LEFT -> "it has left in order";
            case PROCESS_ENDED -> "its process has ended";
            case SILENT -> "nothing is heard of it any more";
        };
    }

    /** What is new since the last look. */
    List<DomainEvent> look(Ownership ownership) {
        Map<String, NodeStatus> statuses = new LinkedHashMap<>();
        statuses.put(local, ownership.status());
        ownership.peers().stream()
                .filter(peer -> ownership.view().contains(peer.node()))
                .forEach(peer -> statuses.put(peer.node(), peer));
        Map<String, NodeStatus> before = latest;
        latest = statuses;
        List<DomainEvent> events = new ArrayList<>();
        nodes(ownership, statuses, events);
        statuses.forEach((node, status) -> {
            if (!status.equals(before.get(node))) {
                commands(status, statuses, events);
            }
            drift(ownership, status, events);
        });
        groups(ownership, statuses, events);
        completed(statuses, events);
        settled(ownership, events);
        asked = Optional.empty();
        return events;
    }

    private void nodes(Ownership ownership, Map<String, NodeStatus> statuses, List<DomainEvent> events) {
        for (String node : rules.nodes()) {
            NodeStatus status = statuses.get(node);
            String state = state(
                    ownership.view(),
                    node,
                    Optional.ofNullable(status),
                    ownership.status().settled());
            String before = states.put(node, state);
            boolean first = before == null && (state.equals("init") || node.equals(local));
            if (!first && !state.equals(before)) {
                events.add(new DomainEvent.NodeStatusChanged(node, node.equals(local), state));
            }
            if (status != null && status.leaving() && !node.equals(local) && leaving.add(node)) {
                events.add(new DomainEvent.ShutdownNoticed(node));
            }
        }
    }

    /**
     * The state of a node in heartbeat's words.
     *
     * @param settled whether this node has done with waiting for those it has not seen
     */
    public static String state(ClusterView view, String node, Optional<NodeStatus> status, boolean settled) {
        if (!view.contains(node)) {
            return settled ? "dead" : "init";
        }
        return status.filter(s -> s.ready() && s.settled()).isPresent() ? "active" : "up";
    }

    private void commands(NodeStatus status, Map<String, NodeStatus> statuses, List<DomainEvent> events) {
        String node = status.node();
        Set<String> away = keys(status, group -> group.standby() > 0);
        Set<String> newlyAway = added(sentAway.put(node, away), away);
        Optional<String> taker =
                statuses.keySet().stream().filter(other -> !other.equals(node)).findFirst();
        if (!newlyAway.isEmpty() && taker.isPresent()) {
            Standby standby = new Standby(scope(node, newlyAway), taker.get(), newlyAway);
            standbys.put(node, standby);
            events.add(new DomainEvent.StandbyBegun(node, standby.scope(), standby.taker(), node.equals(local)));
        }
        Set<String> wished = keys(status, GroupStatus::requested);
        Set<String> newlyWished = added(requested.put(node, wished), wished);
        if (!newlyWished.isEmpty()) {
            events.add(new DomainEvent.TakeoverRequested(node, scope(node, newlyWished)));
        }
    }

    private static Set<String> keys(NodeStatus status, java.util.function.Predicate<GroupStatus> which) {
        Set<String> keys = new LinkedHashSet<>();
        status.groups().stream().filter(which).forEach(group -> keys.add(group.group()));
        return keys;
    }

    private static Set<String> added(@org.jspecify.annotations.Nullable Set<String> before, Set<String> now) {
        Set<String> added = new LinkedHashSet<>(now);
        if (before != null) {
            added.removeAll(before);
        }
        return added;
    }

    /** The word for these groups: what the operator said where that was here, else what fits. */
    private String scope(String node, Set<String> keys) {
        if (asked.isPresent() && node.equals(local)) {
            return asked.get().name().toLowerCase(java.util.Locale.ROOT);
        }
        if (rules.groups().stream().map(ResourceGroup::key).allMatch(keys::contains)) {
            return "all";
        }
        List<Boolean> own = rules.groups().stream()
                .filter(group -> keys.contains(group.key()))
                .map(group -> group.preferredNode().equals(node))
                .distinct()
                .toList();
        return own.size() == 1 ? (own.getFirst() ? "local" : "foreign") : "all";
    }

    private void drift(Ownership ownership, NodeStatus status, List<DomainEvent> events) {
        String node = status.node();
        List<String> parts = ownership.differences().getOrDefault(node, List.of());
        if (!node.equals(local) && !parts.equals(differing.getOrDefault(node, List.of()))) {
            differing.put(node, parts);
            events.add(new DomainEvent.ConfigurationDrift(node, parts));
        }
    }

    private void groups(Ownership ownership, Map<String, NodeStatus> statuses, List<DomainEvent> events) {
        for (Outlook outlook : ownership.outlooks()) {
            String key = outlook.group();
            String before = owners.put(key, outlook.owner());
            boolean changed = before == null ? !outlook.owner().isEmpty() : !before.equals(outlook.owner());
            if (changed && !outlook.owner().equals(local) && ownership.status().settled()) {
                events.add(new DomainEvent.OwnerChanged(key, outlook.owner(), outlook.reason()));
            }
            List<String> holders = statuses.values().stream()
                    .filter(status -> status.group(key).claim() == Claim.HELD)
                    .map(NodeStatus::node)
                    .toList();
            boolean nobody = holders.isEmpty()
                    && outlook.owner().isEmpty()
                    && outlook.target().isEmpty()
                    && ownership.status().settled()
                    && !ownership.status().leaving()
                    && statuses.values().stream()
                            .allMatch(status ->
                                    status.view().equals(ownership.view().id()) // no word from before it
                                            && status.group(key).claim() == Claim.NONE)
                    && statuses.size() == ownership.view().members().size();
            if (holders.size() > 1 || nobody) {
                if (broken.add(key)) {
                    boolean foreign = !rules.group(key)
                            .map(group -> group.preferredNode().equals(local))
                            .orElse(false);
                    events.add(new DomainEvent.OwnershipBroken(key, holders, foreign, outlook.reason()));
                }
            } else {
                broken.remove(key);
            }
        }
    }

    private void completed(Map<String, NodeStatus> statuses, List<DomainEvent> events) {
        standbys.entrySet().removeIf(entry -> {
            String node = entry.getKey();
            Standby standby = entry.getValue();
            NodeStatus giver = statuses.get(node);
            NodeStatus taker = statuses.get(standby.taker());
            boolean done = giver != null
                    && taker != null
                    && standby.groups().stream()
                            .allMatch(key -> giver.group(key).claim() == Claim.NONE
                                    && taker.group(key).claim() == Claim.HELD);
            if (done) {
                events.add(
                        new DomainEvent.StandbyCompleted(node, standby.scope(), standby.taker(), node.equals(local)));
            }
            boolean recalled = giver != null
                    && standby.groups().stream()
                            .noneMatch(key -> giver.group(key).standby() > 0);
            return done || recalled;
        });
    }

    private void settled(Ownership ownership, List<DomainEvent> events) {
        if (ownership.status().settled() && !settled) {
            settled = true;
            events.add(new DomainEvent.NodeSettled(
                    local, ownership.view().members().size() > 1));
        }
        boolean busy = ownership.outlooks().stream().anyMatch(Outlook::wanted)
                || ownership.status().groups().stream()
                        .anyMatch(group -> group.claim() == Claim.ACQUIRING || group.claim() == Claim.RELEASING);
        if (settled && !busy) {
            takenFrom.forEach(node -> events.add(new DomainEvent.TakeoverCompleted(node)));
            takenFrom.clear();
        }
    }
}
