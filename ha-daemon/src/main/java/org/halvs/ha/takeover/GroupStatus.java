package org.halvs.ha.takeover;

/**
 * What a node says about one group.
 *
 * @param group the group's key
 * @param heldMillis how long it had held the group when it installed its current view; 0 when it acquired it since, or does not hold it
 * @param standby 0, or the number of the operator's request that sent the group away from this node; higher is later
 * @param failed whether the group could not be started there, or did not hold there
 * @param triesAgain whether the node, although {@code failed}, would try again if no other node can have the group
 * @param wanted whether the node would acquire the group now if nobody objects
 * @param requested whether an operator on that node asked to have the group there
 * @param unfit why the node can't serve the group just now ({@code eth0 has no carrier}); empty when it can
 * @param doubtful whether the node holds the group, was asleep, and is finding out who has it now
 * @param stuck whether the node tried to stop the group and could not
 */
public record GroupStatus(
        String group,
        Claim claim,
        long heldMillis,
        int standby,
        boolean failed,
        boolean triesAgain,
        boolean wanted,
        boolean requested,
        String unfit,
        boolean doubtful,
        boolean stuck) {

    /** A status without trouble. */
    public GroupStatus(
            String group,
            Claim claim,
            long heldMillis,
            int standby,
            boolean failed,
            boolean wanted,
            boolean requested) {
        this(group, claim, heldMillis, standby, failed, false, wanted, requested, "", false, false);
    }

    /** What a node that says nothing about a group has to do with it. */
    static GroupStatus none(String group) {
        return new GroupStatus(group, Claim.NONE, 0, 0, false, false, false);
    }

    /** Whether no failed start keeps the node from trying; the others go first when one happened. */
    boolean mayBeTried() {
        return !failed || triesAgain;
    }

    boolean saysNothing() {
        return equals(none(group));
    }
}
