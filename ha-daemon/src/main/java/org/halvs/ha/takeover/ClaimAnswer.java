package org.halvs.ha.takeover;

/**
 * What a daemon answers, and says of itself when it asks, about one group.
 *
 * @param heldMillis how long it has held the group; 0 when it does not
 * @param configHash equal on nodes whose configuration agrees in what matters
 */
public record ClaimAnswer(ClaimState state, long heldMillis, long configHash) {
    /** An answer of a daemon that has nothing to do with the group. */
    static ClaimAnswer nothing(long configHash) {
        return new ClaimAnswer(ClaimState.NOTHING, 0, configHash);
    }
}
