package org.halvs.director;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckSpec;
import org.halvs.check.ProbeKey;
import org.halvs.check.Service;

/** What is known about a probe, counted once however many real servers share it. */
final class ProbeState {
    private final ProbeKey key;
    private final List<RealState> users = new ArrayList<>();
    private Duration interval;
    private int failures;
    private int successes;
    private String detail = "";

    ProbeState(ProbeKey key, Duration interval) {
        this.key = key;
        this.interval = interval;
    }

    /** The real servers that go by this probe, in the order of the file. */
    List<RealState> users() {
        return users;
    }

    ScheduledProbe scheduled() {
        return new ScheduledProbe(key, interval);
    }

    void addUser(RealState user, Duration wanted) {
        users.add(user);
        if (wanted.compareTo(interval) < 0) {
            interval = wanted;
        }
    }

    /** Takes over what a plan before this one has learned about the same probe. */
    void inherit(ProbeState before) {
        failures = before.failures;
        successes = before.successes;
        detail = before.detail;
    }

    void record(CheckResult result, Set<OldBehaviour> kept) {
        detail = result.detail();
        if (result.passed()) {
            successes++;
            failures = 0;
        } else {
            failures += timesCounted(result, kept);
            successes = 0;
        }
    }

    private int timesCounted(CheckResult failure, Set<OldBehaviour> kept) {
        int times = kept.contains(OldBehaviour.FAILURECOUNT_PER_SERVICE) ? users.size() : 1;
        boolean twice = kept.contains(OldBehaviour.LDAP_FAILURES_COUNT_TWICE) && isLdap() && neverBegan(failure);
        return twice ? 2 * times : times;
    }

    private boolean isLdap() {
        Service service = switch (key.spec()) {
            case CheckSpec.Negotiate negotiate -> negotiate.exchange().service();
            case CheckSpec.Combined combined -> combined.negotiate().exchange().service();
            default -> Service.NONE;
        };
        return service == Service.LDAP || service == Service.LDAPS;
    }

    private static boolean neverBegan(CheckResult failure) {
        return failure instanceof CheckResult.Failed failed
                && (failed.reason() == CheckResult.Reason.REFUSED || failed.reason() == CheckResult.Reason.TIMED_OUT);
    }

    /** Consecutive failures up to now. */
    int failures() {
        return failures;
    }

    /** Consecutive successes up to now. */
    int successes() {
        return successes;
    }

    /** What the last results mean, in a sentence: {@code http check of 127.0.0.2:80 failed 3 times in a row: connection refused}. */
    String reason() {
        String outcome;
        if (failures > 1) {
            outcome = " failed " + failures + " times in a row";
        } else if (failures == 1) {
            outcome = " failed";
        } else {
            outcome = " is good";
        }
        return ProbeKind.describe(key) + outcome + (detail.isEmpty() ? "" : ": " + detail);
    }
}
