package org.halvs.ha.takeover;

import java.util.Optional;

/**
 * What this node asks on a group's own network, one question after the other: when the next is due, which one is under way, and what its answer is worth.
 * Confined to the control loop.
 */
final class ClaimCheck {
    /** A question that was never answered is asked again. */
    private static final long LOST_NANOS = 2_000_000_000L;

    /** A question asked in anticipation is worth something for so long: it ends, the holder is given up, and this node takes its turn. */
    private static final long ANTICIPATION_NANOS = 80_000_000L;

    /** On a bad network holders are overdue all the time. */
    private static final long ANTICIPATED_ENOUGH_NANOS = 1_000_000_000L;

    private boolean asking;
    private long number;
    private long begunNanos;
    private boolean isVoid;
    private boolean scheduled;
    private long dueNanos;
    private Optional<ClaimReport> report = Optional.empty();
    /** Whether the decision the report was waited for has not been made yet. */
    private boolean justReported;
    /** Whether the question was asked while the holder was still a member, but overdue. */
    private boolean anticipating;

    private Optional<Long> anticipatedNanos = Optional.empty();

    /** Answers the number of the question. */
    long begin(long nowNanos) {
        asking = true;
        isVoid = false;
        scheduled = false;
        begunNanos = nowNanos;
        forgetReport(); // what was found out earlier must not pass for what is found out now
        return ++number;
    }

    /** Asks for the case that the holder is given up in a moment. Answers the number, or empty when it is not worth it. */
    Optional<Long> anticipate(long nowNanos) {
        if (asking
                || anticipatedNanos
                        .filter(begun -> nowNanos - begun < ANTICIPATED_ENOUGH_NANOS)
                        .isPresent()) {
            return Optional.empty();
        }
        anticipating = true;
        anticipatedNanos = Optional.of(nowNanos);
        return Optional.of(begin(nowNanos));
    }

    /**
     * A report has come. Answers whether it is worth anything: one about an earlier question, which took so long that another was asked, or that was asked
     * before something made it void, is not.
     */
    boolean end(long ofNumber, ClaimReport outcome) {
        if (ofNumber != number) {
            return false;
        }
        anticipating &=
                outcome.result() instanceof ClaimResult.Free; // anything else has to be asked again when it matters
        boolean worth = awaits(ofNumber);
        asking = false;
        report = worth ? Optional.of(outcome) : Optional.empty();
        justReported = worth;
        return worth;
    }

    /** Whether the answer to the question of this number is worth anything. */
    boolean awaits(long ofNumber) {
        return ofNumber == number && asking && !isVoid;
    }

    /** Whether a question is under way. */
    boolean isAsking() {
        return asking;
    }

    /** When the question that is under way, or was last, was asked. */
    long begunNanos() {
        return begunNanos;
    }

    /** What is under way was asked too long ago, or with something else in mind, and means nothing. */
    void makeVoid() {
        isVoid = asking;
        forgetReport();
        anticipating = false;
        scheduled = false;
    }

    // --- what was found out ------------------------------------------------------------------------------------------

    /**
     * A report is acted on at once or not at all: a moment later somebody else may have taken the group. While this node anticipates, others that ask are told
     * that it wants the group, so that nobody else takes it unnoticed.
     */
    Optional<ClaimReport> freshReport() {
        return report.filter(_ -> justReported || anticipating);
    }

    /** Whether a report came just now. */
    boolean hasJustReported() {
        return justReported;
    }

    /** A decision was made: what was just reported has been acted on. */
    void decided() {
        justReported = false;
    }

    private void forgetReport() {
        report = Optional.empty();
        justReported = false;
    }

    /** Whether somebody without a daemon answered for the addresses when last asked. */
    boolean strangerReported() {
        return report.filter(r -> r.result() instanceof ClaimResult.AnsweredWithoutDaemon)
                .isPresent();
    }

    // --- anticipation ------------------------------------------------------------------------------------------------

    /** Whether a question is under way, or answered, that was asked before there was a need for it. */
    boolean anticipates() {
        return anticipating;
    }

    /** What was asked in anticipation means nothing any more after a moment. */
    void time(long nowNanos) {
        anticipating &= anticipatedNanos
                .filter(begun -> nowNanos - begun < ANTICIPATION_NANOS)
                .isPresent();
    }

    /** Somebody has taken the group since it was asked in anticipation. */
    void takenMeanwhile() {
        if (anticipating) {
            anticipating = false;
            forgetReport();
        }
    }

    // --- when --------------------------------------------------------------------------------------------------------

    /** The next question is asked at {@code atNanos}, unless an earlier one is planned already. */
    void schedule(long atNanos) {
        if (!scheduled || atNanos - dueNanos < 0) {
            scheduled = true;
            dueNanos = atNanos;
        }
    }

    /** Whether a question is to be asked now. Without one planned, that is so. */
    boolean isDue(long nowNanos) {
        if (asking) {
            return nowNanos - begunNanos >= LOST_NANOS;
        }
        return !scheduled || nowNanos - dueNanos >= 0;
    }

    /** When to look again; empty when nothing is planned. */
    Optional<Long> wakeup() {
        if (asking) {
            return Optional.of(begunNanos + LOST_NANOS);
        }
        if (anticipating) {
            return anticipatedNanos.map(begun -> begun + ANTICIPATION_NANOS);
        }
        return scheduled ? Optional.of(dueNanos) : Optional.empty();
    }
}
