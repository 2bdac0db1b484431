package org.halvs.ha.config;

import java.util.List;

/**
 * A {@code ping} or {@code ping_group} line: reachable while any of its addresses answers.
 *
 * @param name the address itself for {@code ping}
 * @param addresses literal addresses or host names, at least one
 */
public record PingTarget(String name, List<String> addresses) {
    public PingTarget {
        addresses = List.copyOf(addresses);
    }
}
