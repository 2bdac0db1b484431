package org.halvs.ha.heartbeat;

import java.util.List;
import java.util.Optional;

/**
 * Tells a script that heartbeat came with, or one made from it, from one the site wrote: it calls heartbeat's own takeover programs. HALVS does
 * their work itself, and were they still installed they would do it a second time.
 */
public final class ShippedHook {
    private static final List<String> PROGRAMS = List.of("mach_down", "ResourceManager", "req_resource", "hb_standby");

    private ShippedHook() {}

    /** The program of heartbeat's that a script calls; empty for a script of the site's own. Comments do not count. */
    public static Optional<String> program(String script) {
        List<String> lines = script.lines()
                .map(String::strip)
                .filter(line -> !line.startsWith("#"))
                .toList();
        return PROGRAMS.stream()
                .filter(program -> lines.stream().anyMatch(line -> line.contains(program)))
                .findFirst();
    }
}
