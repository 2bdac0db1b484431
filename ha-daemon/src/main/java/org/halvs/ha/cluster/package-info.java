/**
 * This node in the cluster: one control thread that owns all control state, asks {@link org.halvs.ha.takeover} what to do about everything
 * that happens, and hands what has to be done to those who do it.
 *
 * <p>Everything that happens reaches the {@link org.halvs.ha.cluster.ControlLoop} as a task: a view, a message, the result of a check, a
 * command. What is done to the world stands behind interfaces ({@link org.halvs.ha.cluster.GroupActions}, {@code Membership},
 * {@code ClaimNetwork}, {@code Fencing}), so that whole clusters run in virtual time as well.
 */
@NullMarked
package org.halvs.ha.cluster;

import org.jspecify.annotations.NullMarked;
