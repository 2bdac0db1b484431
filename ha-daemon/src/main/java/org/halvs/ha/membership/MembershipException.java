package org.halvs.ha.membership;

/** The cluster can't be joined: says what was tried, with which address, and why it failed. */
public final class MembershipException extends RuntimeException {
    public MembershipException(String message, Throwable cause) {
        super(message, cause);
    }

    public MembershipException(String message) {
        super(message);
    }
}
