package org.halvs.ha.membership.path;

import java.util.EnumMap;
import java.util.Map;

/** Counts what was refused, and tells the log of the first of each kind and then once a minute. Thread-safe. */
final class RefusalLog {
    private static final System.Logger LOG = System.getLogger(RefusalLog.class.getName());
    private static final long QUIET_NANOS = 60_000_000_000L;

    private static final class Tally {
        long total;
        long unreported;
        long reportedNanos;
    }

    private final Map<Refusal, Tally> tallies = new EnumMap<>(Refusal.class);

    /** @param origin who the message claims to be from; never trusted, only printed */
    synchronized void refuse(Refusal why, String origin, long nowNanos) {
        Tally tally = tallies.computeIfAbsent(why, _ -> new Tally());
        tally.total++;
        tally.unreported++;
        if (tally.total == 1 || nowNanos - tally.reportedNanos >= QUIET_NANOS) {
            String more = tally.unreported > 1 ? " (" + tally.unreported + " since the last report)" : "";
            LOG.log(
                    System.Logger.Level.WARNING,
                    "message refused: {0}; it says it is from {1}{2}",
                    why.text(),
                    origin,
                    more);
            tally.reportedNanos = nowNanos;
            tally.unreported = 0;
        }
    }

    /** How many messages were refused for each reason that occurred. */
    synchronized Map<Refusal, Long> totals() {
        Map<Refusal, Long> totals = new EnumMap<>(Refusal.class);
        tallies.forEach((why, tally) -> totals.put(why, tally.total));
        return totals;
    }
}
