package org.halvs.check;

/** The outcome of one probe. A probe never answers with an exception. */
public sealed interface CheckResult {

    /**
     * What an administrator would want to read about it, no secrets: {@code 200 OK}, {@code connection refused}. For an HTTP answer that does not
     * match it is the beginning of its body, as it came, because that is what a monitor file shows; {@link #line()} is fit for a log.
     */
    String detail();

    /** {@link #detail()} on one line of at most 200 characters. */
    default String line() {
        String detail = detail();
        return oneLine(detail.length() > 200 ? detail.substring(0, 200) : detail);
    }

    /** {@code text} with every control character as a blank, and the runs of blanks that makes as one. */
    static String oneLine(String text) {
        StringBuilder line = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isISOControl(c)) {
                line.append(c);
            } else if (line.length() > 0 && line.charAt(line.length() - 1) != ' ') {
                line.append(' ');
            }
        }
        return line.toString().strip();
    }

    /** The server is well. */
    record Passed(String detail) implements CheckResult {}

    /** The server is not well. */
    record Failed(Reason reason, String detail) implements CheckResult {}

    /** The kind of failure. */
    enum Reason {
        /** Nothing listens, or the network says so. */
        REFUSED,
        /** No answer, or no complete one, within the time. */
        TIMED_OUT,
        /** An answer that is not what was asked for: another status, a text that does not match, a failed login. */
        UNEXPECTED_ANSWER,
        /** An answer that breaks the protocol. */
        PROTOCOL_ERROR,
        /** The check itself could not be made: a missing script, a library that is not there. */
        NOT_POSSIBLE
    }

    default boolean passed() {
        return this instanceof Passed;
    }
}
