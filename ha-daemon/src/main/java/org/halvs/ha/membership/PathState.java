package org.halvs.ha.membership;

import java.time.Duration;

/**
 * Whether a node is heard on one path.
 *
 * @param node whose heartbeats they are
 * @param link the interface of ha.cf's line, as {@code cl_status listhblinks} prints it
 * @param up whether a heartbeat came within deadtime
 * @param heard whether there ever was a heartbeat on it
 * @param silence since the last heartbeat on this path; since this node began to listen when there was none
 */
public record PathState(String node, String link, boolean up, boolean heard, Duration silence) {}
