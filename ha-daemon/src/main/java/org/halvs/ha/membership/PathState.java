package org.halvs.ha.membership;

import java.time.Duration;

/**
 * Whether a node is heard on one path.
 *
 * @param node whose heartbeats they are
 * @param link the interface of ha.cf's line, as {@code cl_status listhblinks} prints it
 * @param up whether a heartbeat came within deadtime
 * @param silence since the last heartbeat on this path; since the start when there was none
 */
public record PathState(String node, String link, boolean up, Duration silence) {}
