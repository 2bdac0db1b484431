package org.halvs.ha.takeover;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.halvs.ha.membership.ClusterView;

/** What the members have said last, this one included, and whether this one has something to say. Confined to the control loop. */
final class StatusBook {
    /** A status is repeated when nothing was sent for so long and somebody has not said yet that it was heard, so that a lost one does no harm. */
    private static final long RESEND_NANOS = 1_000_000_000L;
    /** When all members have heard it, there is nothing to repair; a sign of life all the same. */
    private static final long HEARD_RESEND_NANOS = 10 * RESEND_NANOS;

    private final Map<String, NodeStatus> peers = new LinkedHashMap<>();
    /** The other members of the view, heard from or not. */
    private final Set<String> members = new LinkedHashSet<>();

    private final Map<String, List<String>> differences = new TreeMap<>();
    private NodeStatus own;
    private long sequence;
    private boolean sendDue = true;
    private NodeStatus sent;
    private long sentNanos;

    /** @param own what this node says before it has heard of anything */
    StatusBook(NodeStatus own, long nowNanos) {
        this.own = own;
        this.sent = own;
        this.sentNanos = nowNanos;
    }

    void viewInstalled(ClusterView view) {
        members.clear();
        members.addAll(view.members());
        members.remove(own.node());
        peers.keySet().retainAll(members);
        differences.keySet().retainAll(peers.keySet());
        sendDue = true;
    }

    /** Takes down what another node said. Answers false when more is known already. */
    boolean hear(NodeStatus heard, long nowNanos) {
        NodeStatus known = peers.get(heard.node());
        if (heard.node().equals(own.node())) {
            return false;
        }
        boolean again =
                known != null && known.incarnation() == heard.incarnation() && known.sequence() == heard.sequence();
        // whoever says it again may not have heard the answer; it takes no notice of one that comes at once
        sendDue |= again && nowNanos - sentNanos >= RESEND_NANOS;
        if (known != null && !heard.supersedes(known)) {
            return false;
        }
        sendDue |= !again; // whoever says something new waits for the answer that it was heard
        peers.put(heard.node(), heard);
        if (known == null || !known.fingerprints().equals(heard.fingerprints())) {
            compare(heard);
        }
        return true;
    }

    /** Renews the own status; when anything in it but {@code seen} changed, under the next sequence, and to be sent. */
    void renew(NodeStatus described) {
        NodeStatus now = withAnswers(described, sequence);
        if (now.equals(own)) {
            return;
        }
        if (!withoutAnswers(now).equals(withoutAnswers(own))) {
            sequence++;
            sendDue = true;
            now = withAnswers(described, sequence);
        }
        boolean readSomethingElse = !now.fingerprints().equals(own.fingerprints());
        own = now;
        if (readSomethingElse) {
            peers.values().forEach(this::compare);
        }
    }

    private NodeStatus withAnswers(NodeStatus status, long number) {
        List<NodeStatus.Seen> seen = peers.values().stream()
                .map(p -> new NodeStatus.Seen(p.node(), p.incarnation(), p.sequence()))
                .toList();
        return status.with(number, seen);
    }

    private static NodeStatus withoutAnswers(NodeStatus status) {
        return status.with(0, List.of());
    }

    /** The number the next status with news will have. */
    long nextSequence() {
        return sequence + 1;
    }

    void time(long nowNanos) {
        sendDue |= nowNanos - resendNanos() >= 0;
    }

    /** When the status is repeated if nothing happens. */
    long resendNanos() {
        return sentNanos + (isHeard() ? HEARD_RESEND_NANOS : RESEND_NANOS);
    }

    /** Whether every member has said that it heard what this node has to say, and was told that its word was heard here. */
    private boolean isHeard() {
        return own.equals(sent) && members.stream().allMatch(this::hasHeard);
    }

    private boolean hasHeard(String member) {
        NodeStatus said = peers.get(member);
        return said != null && said.hasSeen(own.node(), own.incarnation(), own.sequence());
    }

    boolean sendDue() {
        return sendDue;
    }

    Optional<NodeStatus> toSend(long nowNanos) {
        if (!sendDue) {
            return Optional.empty();
        }
        sendDue = false;
        sent = own;
        sentNanos = nowNanos;
        return Optional.of(own);
    }

    NodeStatus own() {
        return own;
    }

    List<NodeStatus> peers() {
        return List.copyOf(peers.values());
    }

    Optional<NodeStatus> peer(String node) {
        return Optional.ofNullable(peers.get(node));
    }

    Map<String, NodeStatus> all() {
        Map<String, NodeStatus> all = new LinkedHashMap<>(peers);
        all.put(own.node(), own);
        return all;
    }

    /** How many ping nodes answer each node; without those that have more or fewer of them than this node, whose numbers mean something else. */
    Map<String, Integer> pings() {
        Map<String, Integer> numbers = new TreeMap<>();
        Long mine = own.fingerprints().get(TakeoverRules.PING_LINES);
        all().forEach((node, status) -> {
            if (Objects.equals(mine, status.fingerprints().get(TakeoverRules.PING_LINES))) {
                numbers.put(node, status.pings());
            }
        });
        return numbers;
    }

    /** The parts of the configuration in which each other member differs from this one; members without a difference are left out. */
    Map<String, List<String>> differences() {
        return Collections.unmodifiableMap(differences);
    }

    private void compare(NodeStatus peer) {
        Map<String, Long> mine = own.fingerprints();
        Map<String, Long> theirs = peer.fingerprints();
        Set<String> parts = new TreeSet<>(mine.keySet());
        parts.addAll(theirs.keySet());
        parts.removeIf(part -> Objects.equals(mine.get(part), theirs.get(part)));
        if (parts.isEmpty()) {
            differences.remove(peer.node());
        } else {
            differences.put(peer.node(), List.copyOf(parts));
        }
    }
}
