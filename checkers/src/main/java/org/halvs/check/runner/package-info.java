/**
 * When a probe runs, and on what. {@link org.halvs.check.runner.CheckRunner} keeps the schedule on one platform thread ({@code check-timer}), which also
 * holds the connections of all probes that are {@link org.halvs.check.Conversation}s and never waits for one of them. A probe in the blocking style has a
 * virtual thread of its own. No probe is late because another one hangs, floods us, or has us think.
 *
 *
 * <p>Invariants: at most one probe of a key is awaited at a time; a probe is cancelled at its deadline and its key goes on whether or not
 * the probe obeys; results of one key are delivered in order. The decisions stand in {@code ProbeSchedule}, which knows no clock and no
 * thread; it is confined to the timer thread.
 */
@NullMarked
package org.halvs.check.runner;

import org.jspecify.annotations.NullMarked;
