package org.halvs.ha.config;

import java.util.List;

/**
 * A {@code respawn} or {@code failfast} line: a program that is kept running beside the daemon.
 *
 * @param command absolute path and arguments
 * @param failfast whether its failure takes the node down
 */
public record Respawn(String user, List<String> command, boolean failfast, int line) {
    public Respawn {
        command = List.copyOf(command);
    }
}
