package org.halvs.check.runner;

/**
 * What a {@link CheckRunner} does and has done. Immutable.
 *
 * @param keys how many distinct checks are wanted
 * @param inFlight how many probes are under way and awaited
 * @param queued how many are due but wait because of the limit on probes in flight
 * @param started how many have begun since the runner was made
 * @param expired how many were cut off at their deadline by the runner
 * @param ignoringCancellation how many of those still run although nobody awaits them
 * @param skipped how often a probe was not begun at its time because the one before it still ran
 * @param lateness delays from the scheduled to the real start of all that have begun
 */
public record RunnerSnapshot(
        int keys,
        int inFlight,
        int queued,
        long started,
        long expired,
        int ignoringCancellation,
        long skipped,
        LatenessSnapshot lateness) {}
