/**
 * The running daemon: one control thread that owns all control state, and what carries out its decisions.
 *
 * <p>Everything that happens reaches the {@link org.halvs.ha.runtime.ControlLoop} as a task: a view, a message, the result of a check, a
 * command. The task asks pure code what to do, and hands effects to threads that may block. Other threads read published snapshots.
 */
@NullMarked
package org.halvs.ha.runtime;

import org.jspecify.annotations.NullMarked;
