package org.halvs.ha.takeover;

/** What a node has to do with a group, as its daemon answers on the network of the group's addresses. */
public enum ClaimState {
    /** Nothing. */
    NOTHING,
    /** It is finding out whether it may take the group. */
    WANTS,
    /** It has the group, was asleep, and is finding out who has it now. */
    DOUBTS,
    /** It has the group, is starting it, or is stopping it. */
    HAS
}
