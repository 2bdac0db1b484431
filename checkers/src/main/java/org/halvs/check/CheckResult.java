package org.halvs.check;

/** The outcome of one probe. A probe never answers with an exception. */
public sealed interface CheckResult {

    /** What an administrator would want to read about it, one line, no secrets: {@code 200 OK}, {@code connection refused}. */
    String detail();

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
