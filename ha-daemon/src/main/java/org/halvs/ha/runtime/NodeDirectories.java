package org.halvs.ha.runtime;

import java.nio.file.Path;

/**
 * Where a node's files are.
 *
 * @param etc the configuration, {@code /etc/ha.d}
 * @param run sockets and what need not outlive a restart of the machine
 * @param state what is worth keeping; may be the same as {@code run}
 */
public record NodeDirectories(Path etc, Path run, Path state) {}
