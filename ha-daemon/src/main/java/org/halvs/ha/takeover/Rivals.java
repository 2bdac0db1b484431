package org.halvs.ha.takeover;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What other daemons said of themselves and one group when they asked who has it, or were asked. Confined to the control loop. */
final class Rivals {
    /** A rival that goes first has taken the group after this, or does not want it any more. */
    private static final long MEMORY_NANOS = 300_000_000L;

    /** Since when a node has been saying this without a break, and when it said so last. */
    record Rival(String node, ClaimState state, long sinceNanos, long heardNanos) {}

    private final Map<String, Rival> all = new LinkedHashMap<>();
    private long comparedFromNanos;

    /** A node asked, and said what it has to do with the group itself. */
    void asked(String node, ClaimState theirs, long nowNanos) {
        long sinceNanos = Optional.ofNullable(all.get(node))
                .filter(before -> before.state() == theirs && nowNanos - before.heardNanos() <= MEMORY_NANOS)
                .map(Rival::sinceNanos)
                .orElse(nowNanos);
        all.put(node, new Rival(node, theirs, sinceNanos, nowNanos));
    }

    /**
     * A node answered. One that neither wants the group nor doubts takes back that it had it, when it said so before it was asked, and nothing else.
     *
     * @param askedNanos when it was asked
     */
    void answered(String node, ClaimState theirs, long askedNanos, long nowNanos) {
        switch (theirs) {
            case WANTS, DOUBTS -> asked(node, theirs, nowNanos);
            case NOTHING, HAS -> {
                Rival before = all.get(node);
                if (before != null && before.state() == ClaimState.HAS && before.heardNanos() - askedNanos < 0) {
                    all.remove(node);
                }
            }
        }
    }

    /** This node begins to want the group, or has found that somebody has it: what the rivals wanted before tells nothing of what keeps them from it now. */
    void startOver(long nowNanos) {
        comparedFromNanos = nowNanos;
    }

    /**
     * Who was heard a moment ago. One that only wants the group is none any more when that does not get it anywhere; but it may have got there since, so that
     * what was found out in anticipation does not tell.
     *
     * @param justAsked whether this node has just found out who has the group
     * @param patienceNanos for so long one may want it
     */
    List<Rival> at(long nowNanos, boolean justAsked, long patienceNanos) {
        return all.values().stream()
                .filter(r -> nowNanos - r.heardNanos() <= MEMORY_NANOS)
                .filter(r -> r.state() != ClaimState.WANTS || !justAsked || wantsNanos(r, nowNanos) <= patienceNanos)
                .toList();
    }

    /** For how long it has been a rival of this node. */
    private long wantsNanos(Rival rival, long nowNanos) {
        return Math.min(nowNanos - rival.sinceNanos(), nowNanos - comparedFromNanos);
    }
}
