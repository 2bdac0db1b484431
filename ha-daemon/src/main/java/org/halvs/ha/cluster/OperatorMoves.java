package org.halvs.ha.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.halvs.ha.takeover.Claim;
import org.halvs.ha.takeover.Ownership;
import org.halvs.ha.takeover.TakeoverPlan.Outlook;

/** Groups that operators have sent somewhere: a command is answered when they have arrived, or when it is clear that they do not. Confined to the control thread. */
final class OperatorMoves {
    /** The node a group came from has let go of the last of it after this, see {@link Handovers}; an operator is told no earlier. */
    static final long LAST_OF_IT_MILLIS = 200;

    /** An operator does not wait longer for resources to move; what was begun goes on. */
    private static final long LIMIT_MILLIS = 60_000;

    private final ControlLoop loop;
    private final Ownership ownership;
    private final Handovers handovers;
    private final List<Move> moves = new ArrayList<>();

    /** @param here whether they are to come here, or to go away */
    private record Move(List<String> groups, boolean here, CompletableFuture<String> answer, long deadlineNanos) {}

    OperatorMoves(ControlLoop loop, Ownership ownership, Handovers handovers) {
        this.loop = loop;
        this.ownership = ownership;
        this.handovers = handovers;
    }

    /** {@code answer} completes with where the groups are, or with a {@link RefusedException} when they have not arrived in a minute. */
    void begun(List<String> groups, boolean here, CompletableFuture<String> answer) {
        moves.add(new Move(groups, here, answer, loop.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LIMIT_MILLIS)));
    }

    /** Answers what can be answered. Called whenever a group may have arrived. */
    void look() {
        long now = loop.nanoTime();
        moves.removeIf(move -> {
            if (move.groups.stream().allMatch(group -> hasArrived(group, move.here))) {
                move.answer.complete(describe(move.groups));
            } else if (now - move.deadlineNanos > 0) {
                move.answer.completeExceptionally(new RefusedException(
                        "not done after " + LIMIT_MILLIS / 1000 + " s:\n" + describe(move.groups)));
            }
            return move.answer.isDone();
        });
    }

    private boolean hasArrived(String group, boolean here) {
        if (here) {
            return ownership.status().group(group).claim() == Claim.HELD
                    && ownership.claimAnswer(group, loop.nanoTime()).heldMillis() >= LAST_OF_IT_MILLIS;
        }
        return handovers.none()
                && ownership.peers().stream().anyMatch(peer -> peer.group(group).claim() == Claim.HELD);
    }

    private String describe(List<String> groups) {
        StringBuilder text = new StringBuilder();
        for (Outlook outlook : ownership.outlooks()) {
            if (groups.contains(outlook.group())) {
                text.append(outlook.group())
                        .append(" is with ")
                        .append(outlook.owner().isEmpty() ? "nobody" : outlook.owner())
                        .append(": ")
                        .append(outlook.reason())
                        .append('\n');
            }
        }
        return text.toString();
    }
}
