package org.halvs.check.protocol;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;

/**
 * The regular expression of {@code receive =}, matched anywhere in an answer. Immutable.
 *
 * <p>A match is a CPU-bound task on a virtual thread, which the JVM does not preempt: it yields its carrier now and then, and it is given up
 * when it has looked at {@link #STEP_LIMIT} characters or its deadline has passed. An expression that backtracks for ever costs a fraction
 * of a second of one core and delays nobody.
 */
final class ReceivePattern {
    /** Far more than any sane expression needs for a body of the largest size we read. */
    static final long STEP_LIMIT = 20_000_000;

    /** As many characters as a {@link #glance} looks at: some ten thousand nanoseconds, whatever the expression. */
    static final int GLANCE_STEPS = 20_000;

    static final String TOO_SLOW = "the receive expression takes too long for this answer";

    private static final int YIELD_STEPS = 1 << 15;

    private final boolean any;
    private final Pattern pattern;

    /** What came of matching. */
    enum Match {
        FOUND,
        NOT_FOUND,
        /** The expression takes too long for this answer. */
        GIVEN_UP
    }

    /**
     * Compiles {@code expression}; empty matches any answer.
     *
     * @throws PatternSyntaxException when it is no regular expression
     */
    ReceivePattern(String expression) {
        this.any = expression.isEmpty();
        // Perl, whose expressions these are, ends lines at \n only
        this.pattern = Pattern.compile(expression, Pattern.UNIX_LINES);
    }

    boolean matchesAnything() {
        return any;
    }

    Match find(CharSequence answer, Deadline deadline) {
        return find(answer, new PatientSteps(deadline));
    }

    /**
     * As {@link #find}, for a thread that others wait for: {@link Match#GIVEN_UP} after {@link #GLANCE_STEPS} characters, which says nothing about what
     * more patience would find.
     */
    Match glance(CharSequence answer) {
        return find(answer, new Steps(GLANCE_STEPS));
    }

    private Match find(CharSequence answer, Steps steps) {
        if (any) {
            return Match.FOUND;
        }
        try {
            return pattern.matcher(new Counted(answer, 0, answer.length(), steps))
                            .find()
                    ? Match.FOUND
                    : Match.NOT_FOUND;
        } catch (GivenUp e) {
            return Match.GIVEN_UP;
        } catch (StackOverflowError e) {
            // java.util.regex recurses on groups; a hostile answer can exhaust the stack
            return Match.GIVEN_UP;
        }
    }

    /** The result for an answer of which only this expression is asked; the details hold nothing of the answer. */
    CheckResult verdict(AnswerBody body, Deadline deadline) {
        return verdict(find(body.text(), deadline));
    }

    /** As a result without any text of the answer. */
    static CheckResult verdict(Match match) {
        return switch (match) {
            case FOUND -> new Passed("-");
            case NOT_FOUND -> new Failed(Reason.UNEXPECTED_ANSWER, "the answer does not match");
            case GIVEN_UP -> new Failed(Reason.UNEXPECTED_ANSWER, TOO_SLOW);
        };
    }

    /** Counts the characters a match looks at, and gives up at a limit. */
    private static class Steps {
        private long count;
        private long limit;

        Steps(long limit) {
            this.limit = limit;
        }

        final void count() {
            if (++count >= limit) {
                limit = furtherLimit(count);
            }
        }

        /** The next limit after {@code steps} characters. */
        long furtherLimit(long steps) {
            throw new GivenUp();
        }
    }

    /** Those of a match on a virtual thread: it lets others have the carrier now and then. */
    private static final class PatientSteps extends Steps {
        private final Deadline deadline;

        PatientSteps(Deadline deadline) {
            super(YIELD_STEPS);
            this.deadline = deadline;
        }

        @Override
        long furtherLimit(long steps) {
            if (steps >= STEP_LIMIT
                    || deadline.remainingNanos() <= 0
                    || Thread.currentThread().isInterrupted()) {
                throw new GivenUp();
            }
            LockSupport.parkNanos(1);
            return steps + YIELD_STEPS;
        }
    }

    private static final class GivenUp extends RuntimeException {
        GivenUp() {
            super(null, null, false, false);
        }
    }

    /** Latin-1 bytes as characters. */
    static CharSequence textOf(byte[] bytes, int length) {
        return new ByteText(bytes, 0, length);
    }

    private static final class ByteText implements CharSequence {
        private final byte[] bytes;
        private final int from;
        private final int to;

        ByteText(byte[] bytes, int from, int to) {
            this.bytes = bytes;
            this.from = from;
            this.to = to;
        }

        @Override
        public int length() {
            return to - from;
        }

        @Override
        public char charAt(int index) {
            return (char) (bytes[from + index] & 0xff);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new ByteText(bytes, from + start, from + end);
        }

        @Override
        public String toString() {
            return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
        }
    }

    private record Counted(CharSequence text, int from, int to, Steps steps) implements CharSequence {
        @Override
        public int length() {
            return to - from;
        }

        @Override
        public char charAt(int index) {
            steps.count();
            return text.charAt(from + index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Counted(text, from + start, from + end, steps);
        }

        @Override
        public String toString() {
            return text.subSequence(from, to).toString();
        }
    }
}
