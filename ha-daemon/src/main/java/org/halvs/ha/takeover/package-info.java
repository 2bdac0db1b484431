/**
 * Who owns which group: the one question the cluster exists for, answered by pure code.
 *
 * <p>{@link org.halvs.ha.takeover.TakeoverPlanner} is a plain function of the view and of what each member says of itself
 * ({@link org.halvs.ha.takeover.NodeStatus}); {@link org.halvs.ha.takeover.Ownership} is the state of one node around it, confined to the control loop.
 * Neither reads a clock, starts a thread or touches the world: time is a parameter, steps are returned.
 *
 * <p>How two owners are ruled out among nodes that see each other. A node that should own a group first says that it <em>wants</em> it and acquires only
 * when every other member of its view has answered from within the same view, has seen that wish, claims nothing of the group and has no name that
 * goes before its own while wanting it too. A claim lasts from the decision to acquire until the release is done. As answers are given after everything heard before was taken into account,
 * of two nodes that want the same group at least one has seen the other's wish before it may act; of two wishes the name that comes first in the alphabet goes first, whatever the files say.
 * A node whose peer is gone waits for nobody, so that a takeover after a crash costs no message. Between halves that do not see each other nothing of this
 * can hold: that is the business of arbitration and fencing.
 */
@NullMarked
package org.halvs.ha.takeover;

import org.jspecify.annotations.NullMarked;
