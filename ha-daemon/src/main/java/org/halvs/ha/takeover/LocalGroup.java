package org.halvs.ha.takeover;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What this node has to do with one group. Confined to the control loop. */
final class LocalGroup {
    /** A check that was never answered is begun again. */
    private static final long CHECK_LOST_NANOS = 2_000_000_000L;

    /** A rival that goes first has taken the group after this, or does not want it any more. */
    private static final long RIVAL_NANOS = 300_000_000L;

    /** A check begun in anticipation is worth something for so long: it ends, its holder is given up, and this node takes its turn. */
    private static final long ANTICIPATION_NANOS = 80_000_000L;

    /** On a bad network holders are overdue all the time. */
    private static final long ANTICIPATED_ENOUGH_NANOS = 1_000_000_000L;

    private static final int LONGEST_REASON = 200;

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

    boolean checking;
    private long checkNumber;
    private long checkBegunNanos;
    private boolean checkVoid;
    private boolean checkScheduled;
    private long checkDueNanos;
    private Optional<ClaimReport> report = Optional.empty();
    private long reportNanos;
    /** Whether the check was begun while the holder was still a member, but overdue. */
    private boolean anticipating;

    private Optional<Long> anticipatedNanos = Optional.empty();
    private final Map<String, Rival> rivals = new LinkedHashMap<>();

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
        report = Optional.empty();
        anticipating = false;
        checkScheduled = false;
        checkVoid = checking; // it was asked with another question in mind
    }

    /** Whether the node could serve the group; {@code reason} is shortened to what a status can carry. */
    void unfit(String reason) {
        unfit = reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) : reason;
    }

    // --- finding out who has it --------------------------------------------------------------------------------------

    /** Answers its number. */
    long beginCheck(long nowNanos) {
        checking = true;
        checkVoid = false;
        checkScheduled = false;
        checkBegunNanos = nowNanos;
        report = Optional.empty(); // what was found out earlier must not pass for what is found out now
        return ++checkNumber;
    }

    /** Begins a check for the case that the holder is given up in a moment. Answers its number, or empty when it is not worth it. */
    Optional<Long> anticipate(long nowNanos) {
        if (checking
                || anticipatedNanos
                        .filter(begun -> nowNanos - begun < ANTICIPATED_ENOUGH_NANOS)
                        .isPresent()) {
            return Optional.empty();
        }
        anticipating = true;
        anticipatedNanos = Optional.of(nowNanos);
        return Optional.of(beginCheck(nowNanos));
    }

    /** Whether a check is under way, or over, that was begun before there was a need for it. */
    boolean anticipates() {
        return anticipating;
    }

    /** What was asked in anticipation means nothing any more after a moment. */
    void time(long nowNanos) {
        anticipating &= anticipatedNanos
                .filter(begun -> nowNanos - begun < ANTICIPATION_NANOS)
                .isPresent();
    }

    /** Answers whether the report is worth anything. One about an earlier check, which took so long that another was begun, is not. */
    boolean endCheck(long number, ClaimReport outcome, long nowNanos) {
        if (number != checkNumber) {
            return false;
        }
        anticipating &=
                outcome.result() instanceof ClaimResult.Free; // anything else has to be asked again when it matters
        boolean worth = awaits(number);
        if (worth) {
            outcome.daemons().forEach((node, answer) -> heardWish(node, answer.state(), nowNanos));
        }
        checking = false;
        report = worth ? Optional.of(outcome) : Optional.empty();
        reportNanos = nowNanos;
        return worth;
    }

    /** What a node answers that neither wants the group nor doubts takes nothing back of what it said when it asked. */
    private void heardWish(String node, ClaimState theirs, long nowNanos) {
        if (theirs == ClaimState.WANTS || theirs == ClaimState.DOUBTS) {
            heardRival(node, theirs, nowNanos);
        }
    }

    /** Whether the answer to the check of this number is worth anything. */
    boolean awaits(long number) {
        return number == checkNumber && checking && !checkVoid;
    }

    /** What is under way was asked too long ago to mean anything. */
    void voidCheck() {
        checkVoid = checking;
        report = Optional.empty();
        anticipating = false;
        checkScheduled = false;
    }

    /**
     * A report is acted on at once or not at all: a moment later somebody else may have taken the group. While this node anticipates, others that ask are told
     * that it wants the group, so that nobody else takes it unnoticed.
     */
    Optional<ClaimReport> freshReport(long nowNanos) {
        return report.filter(_ -> nowNanos == reportNanos || anticipating);
    }

    /** Whether somebody without a daemon answered for the addresses when last asked. */
    boolean strangerReported() {
        return report.filter(r -> r.result() instanceof ClaimResult.AnsweredWithoutDaemon)
                .isPresent();
    }

    /** The next check begins at {@code atNanos}, unless an earlier one is planned already. */
    void scheduleCheck(long atNanos) {
        if (!checkScheduled || atNanos - checkDueNanos < 0) {
            checkScheduled = true;
            checkDueNanos = atNanos;
        }
    }

    /** Whether a check is to begin now. Without one planned, that is so. */
    boolean checkDue(long nowNanos) {
        if (checking) {
            return nowNanos - checkBegunNanos >= CHECK_LOST_NANOS;
        }
        return !checkScheduled || nowNanos - checkDueNanos >= 0;
    }

    /** When to look again; empty when nothing is planned. */
    Optional<Long> checkWakeup() {
        if (checking) {
            return Optional.of(checkBegunNanos + CHECK_LOST_NANOS);
        }
        if (anticipating) {
            return anticipatedNanos.map(begun -> begun + ANTICIPATION_NANOS);
        }
        return checkScheduled ? Optional.of(checkDueNanos) : Optional.empty();
    }

    /** What another daemon said of itself when it asked, or was asked: since when without a break, and until when. */
    record Rival(String node, ClaimState state, long sinceNanos, long heardNanos) {}

    void heardRival(String node, ClaimState theirs, long nowNanos) {
        long sinceNanos = Optional.ofNullable(rivals.get(node))
                .filter(before -> before.state() == theirs && nowNanos - before.heardNanos() <= RIVAL_NANOS)
                .map(Rival::sinceNanos)
                .orElse(nowNanos);
        rivals.put(node, new Rival(node, theirs, sinceNanos, nowNanos));
        if (theirs == ClaimState.HAS && anticipating) { // it has taken the group since this node asked
            anticipating = false;
            report = Optional.empty();
        }
    }

    /**
     * Who was heard a moment ago. One that only wants the group is none any more when that does not get it anywhere; but it may have got there since, so that
     * what was found out in anticipation does not tell.
     *
     * @param patienceNanos for so long one may want it
     */
    List<Rival> rivals(long nowNanos, long patienceNanos) {
        boolean justAsked = nowNanos == reportNanos;
        return rivals.values().stream()
                .filter(r -> nowNanos - r.heardNanos() <= RIVAL_NANOS)
                .filter(r -> r.state() != ClaimState.WANTS || !justAsked || nowNanos - r.sinceNanos() <= patienceNanos)
                .toList();
    }

    ClaimState state() {
        return switch (claim) {
            case NONE -> checking || anticipating ? ClaimState.WANTS : ClaimState.NOTHING;
            case ACQUIRING, RELEASING -> ClaimState.HAS;
            case HELD -> doubtful ? ClaimState.DOUBTS : ClaimState.HAS;
        };
    }

    GroupStatus describe(String key) {
        return new GroupStatus(
                key, claim, heldMillis, standby, failed, wantedSince > 0, requested, unfit, doubtful, !stuck.isEmpty());
    }
}
