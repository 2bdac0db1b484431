/**
 * Connections between the nodes: a node asks each other one for a full copy of the connections it serves and is then told of every change, so that it
 * can serve them at any moment.
 *
 * <p>{@link org.halvs.ha.sync.ConnectionExchange} is the thread {@code conn-sync}; it owns the streams, which are pure. Nothing here waits for the
 * network or for the thread that forwards: what can't be sent yet stays in the plane's outbox, which drops the oldest.
 */
@NullMarked
package org.halvs.ha.sync;

import org.jspecify.annotations.NullMarked;
