/**
 * The running daemon: everything a {@link org.halvs.ha.runtime.Node} is made of put together, what carries out the decisions of
 * {@link org.halvs.ha.cluster}, and what operators ask it for. Threads that may block do the work; other threads read published snapshots.
 */
@NullMarked
package org.halvs.ha.runtime;

import org.jspecify.annotations.NullMarked;
