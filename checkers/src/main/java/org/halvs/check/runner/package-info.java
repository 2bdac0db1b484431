/**
 * When a probe runs. {@link org.halvs.check.runner.CheckRunner} keeps the schedule on one platform thread ({@code check-timer}) and runs every probe on a
 * virtual thread of its own, so that no probe is late because another one hangs.
 *
 * <p>Invariants: at most one probe of a key is awaited at a time; a probe is cancelled at its deadline and its key goes on whether or not
 * the probe obeys; results of one key are delivered in order. The decisions stand in {@code ProbeSchedule}, which knows no clock and no
 * thread; it is confined to the timer thread.
 */
@NullMarked
package org.halvs.check.runner;

import org.jspecify.annotations.NullMarked;
