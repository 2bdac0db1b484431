package org.halvs.director;

import java.util.Locale;
import java.util.Optional;

/**
 * What ldirectord 4.12 did, what is done otherwise here, and what a site may count on all the same: the switches of {@code compatibility} in
 * halvs.yml. All are off unless the site says otherwise.
 */
public enum OldBehaviour {
    /** Servers with {@code checktype = off} count as down: where there is no other, the fallback is called for. */
    OFF_CALLS_FALLBACK,
    /** A failed check of a server that several services share counts once for each of them. */
    FAILURECOUNT_PER_SERVICE,
    /** A connection to an LDAP server that fails counts twice. */
    LDAP_FAILURES_COUNT_TWICE,
    /** A pop or pops check without a login is good whatever the server does. */
    POP_WITHOUT_LOGIN_IS_UP,
    /** A fallback command of a firewall mark is called with {@code :0} for a service. */
    FALLBACKCOMMAND_MARK_AS_ZERO,
    /** A fallback command that was called with {@code start} is not called with {@code stop} when the director stops. */
    FALLBACKCOMMAND_LEFT_AT_STOP,
    /** What others change in the kernel's table stays until the server it is about changes its state, or until a reload. */
    CHANGES_BY_HAND_STAY,
    /** The verb {@code stop} returns before the daemon has ended. */
    STOP_RETURNS_AT_ONCE,
    /** An FTP check lets the server connect back for the data. */
    FTP_ACTIVE;

    /** The word in halvs.yml: {@code off_calls_fallback}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<OldBehaviour> of(String word) {
        for (OldBehaviour behaviour : values()) {
            if (behaviour.word().equals(word)) {
                return Optional.of(behaviour);
            }
        }
        return Optional.empty();
    }
}
