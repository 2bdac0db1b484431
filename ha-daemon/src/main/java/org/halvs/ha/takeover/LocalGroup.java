package org.halvs.ha.takeover;

/** What this node has to do with one group. Confined to the control loop. */
final class LocalGroup {
    private static final int LONGEST_REASON = 200;

    Claim claim = Claim.NONE;
    long heldSinceNanos;
    long heldMillis;
    int standby;
    boolean requested;
    /** The sequence of the first status that told the others of the wish, 0 without one. */
    long wantedSince;
    /** Whether a merge happened that has not been announced yet. */
    boolean merged;
    /** Whether a node that had left came back since the last announcement: what it left behind on its interfaces is gone now. */
    boolean returned;
    /** Why the network is to be told again, empty for no reason. */
    String announce = "";

    long announcedNanos;
    /** Why another node keeps the group and this one has to release it, empty when that is not so. */
    String yields = "";
    /** Whether another member claimed the group as well when last looked at. */
    boolean contested;
    /** Why stopping failed, empty when it did not. */
    String stuck = "";
    /** Why this node can't serve the group just now, empty when it can. */
    String unfit = "";

    /** Whether this node was asleep while it had the group, and has not found out yet who has it now. */
    boolean doubtful;
    /** Whether a daemon that is not in the view had the group as well when last asked. */
    boolean sharedOutside;
    /** How often, since the group was taken, somebody without a daemon has answered for its addresses; -1 once nobody did. */
    int strangerSeen = -1;

    /** What keeps this node from taking the group, or was found out about it; empty for nothing. */
    String finding = "";

    /** What is asked on the group's network. */
    final ClaimCheck check = new ClaimCheck();

    final Rivals rivals = new Rivals();

    final FailedStarts starts = new FailedStarts();

    void installView(boolean merge, long nowNanos) {
        heldMillis = heldFor(nowNanos);
        merged = merge && claim == Claim.HELD;
    }

    /** For how many milliseconds it has been held; 0 when it is not. */
    long heldFor(long nowNanos) {
        return claim == Claim.HELD ? (nowNanos - heldSinceNanos) / 1_000_000 : 0;
    }

    void hold(long nowNanos) {
        claim = Claim.HELD;
        heldSinceNanos = nowNanos;
        heldMillis = 0;
        standby = 0;
        starts.forget();
        requested = false;
    }

    /** Nothing of the group is here any more. */
    void reset() {
        claim = Claim.NONE;
        heldMillis = 0;
        merged = false;
        returned = false;
        announce = "";
        yields = "";
        contested = false;
        stuck = "";
        doubtful = false;
        sharedOutside = false;
        strangerSeen = -1;
        finding = "";
        check.makeVoid();
    }

    /** Whether the node could serve the group; {@code reason} is shortened to what a status can carry. */
    void unfit(String reason) {
        unfit = reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) : reason;
    }

    ClaimState state() {
        return switch (claim) {
            case NONE -> check.isAsking() || check.anticipates() ? ClaimState.WANTS : ClaimState.NOTHING;
            case ACQUIRING, RELEASING -> ClaimState.HAS;
            case HELD -> doubtful ? ClaimState.DOUBTS : ClaimState.HAS;
        };
    }

    GroupStatus describe(String key) {
        return new GroupStatus(
                key,
                claim,
                heldMillis,
                standby,
                starts.failed(),
                starts.failed() && !starts.paused(),
                wantedSince > 0,
                requested,
                unfit,
                doubtful,
                !stuck.isEmpty());
    }
}
