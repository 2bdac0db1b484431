package org.halvs.ha.takeover;

/** What a node has to do with a group. Everything but {@link #NONE} keeps others from acquiring it. */
public enum Claim {
    NONE,
    /** It decided to take the group and is starting it. */
    ACQUIRING,
    HELD,
    /** It is stopping the group, or tried to and could not. */
    RELEASING;

    /** Whether the node has the group or is getting it. */
    public boolean owns() {
        return this == ACQUIRING || this == HELD;
    }
}
