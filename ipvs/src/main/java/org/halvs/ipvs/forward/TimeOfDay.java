package org.halvs.ipvs.forward;

/** The time of day for timestamps in IPv4 options, reckoned from the monotonic clock of the packets. */
final class TimeOfDay {
    private static final int DAY_MILLIS = 86_400_000;
    private static final long NANOS_A_MILLI = 1_000_000;
    /** Marks a time that is not counted from midnight (RFC 791 section 3.1, Internet timestamp). */
    private static final int NON_STANDARD = 1 << 31;

    private boolean known;
    /** What the wall clock was ahead of the monotonic one. */
    private long aheadMillis;

    /** @param unixMillis milliseconds since 1970 at {@code nowNanos} */
    void set(long nowNanos, long unixMillis) {
        known = true;
        aheadMillis = unixMillis - Math.floorDiv(nowNanos, NANOS_A_MILLI);
    }

    /** Milliseconds since midnight UT; before anybody has said what time it is, those of the monotonic clock, marked as such. */
    int timestamp(long nowNanos) {
        long millis = Math.floorMod(Math.floorDiv(nowNanos, NANOS_A_MILLI) + aheadMillis, (long) DAY_MILLIS);
        return known ? (int) millis : (int) millis | NON_STANDARD;
    }
}
