package org.halvs.ipvs.forward;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.halvs.ipvs.forward.NetworkView.Path;
import org.halvs.ipvs.forward.NetworkView.PolicyRule;
import org.halvs.linux.IpAddress;
import org.jspecify.annotations.Nullable;

/** Routing by rules that choose among tables ({@code ip-rule(8)}, {@code fib_rules_lookup}) of one family. Immutable; look-ups allocate nothing. */
final class PolicyRouting {
    /** A packet of the director's own, whose input interface is the loopback interface ({@code LOOPBACK_IFINDEX}). */
    static final int OWN = 1;

    /** A rule with its table. */
    private record Step(PolicyRule rule, List<AddressMap<Path>> table, int next) {}

    private final Step[] steps;
    private final Path unreachable;
    private final Path prohibited;
    private final Path swallowed;

    /**
     * @param rules of the family, in the order in which they are asked
     * @param tables by number, each a map a prefix length, the longest first
     */
    PolicyRouting(List<PolicyRule> rules, Map<Integer, List<AddressMap<Path>>> tables, IpAddress.Family family) {
        Map<Long, Integer> positions = new LinkedHashMap<>();
        for (int i = 0; i < rules.size(); i++) {
            positions.putIfAbsent(rules.get(i).priority(), i);
        }
        List<Step> made = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            PolicyRule rule = rules.get(i);
            int next = i + 1;
            if (rule.action() == PolicyRule.Action.GOTO) {
                next = Math.max(next, positions.getOrDefault(rule.target(), i + 1)); // never back, as in the kernel
            }
            made.add(new Step(rule, tables.getOrDefault(rule.table(), List.of()), next));
        }
        steps = made.toArray(Step[]::new);
        unreachable = refusing(family, NetworkView.Route.Kind.UNREACHABLE);
        prohibited = refusing(family, NetworkView.Route.Kind.PROHIBIT);
        swallowed = refusing(family, NetworkView.Route.Kind.BLACKHOLE);
    }

    private static Path refusing(IpAddress.Family family, NetworkView.Route.Kind kind) {
        IpAddress any = family == IpAddress.Family.IPV4 ? IpAddress.ANY_IPV4 : IpAddress.ANY_IPV6;
        return new Path(NetworkView.Route.refusing(any, 0, 0, kind), 0, 0, 0, null, NetworkView.NO_MAC, null);
    }

    /**
     * The way of a packet, or null when no rule has one.
     *
     * @param sourceHigh 0 with {@code sourceLow} 0 where the source is not chosen yet; then no rule about sources holds
     * @param mark 0 for none
     * @param inputInterface the interface it came in by, or {@link #OWN}
     */
    @Nullable
    Path path(boolean ipv4, long high, long low, long sourceHigh, long sourceLow, long mark, int inputInterface) {
        int i = 0;
        while (i < steps.length) {
            Step step = steps[i];
            i++;
            PolicyRule rule = step.rule;
            if (!rule.holds(ipv4, high, low, sourceHigh, sourceLow, mark, inputInterface)) {
                continue;
            }
            switch (rule.action()) {
                case TABLE -> {
                    Path path = find(step.table, ipv4, high, low);
                    if (path != null && path.route().prefixLength() > rule.shortestPrefix()) {
                        return path;
                    }
                }
                case GOTO -> i = step.next;
                case NOTHING -> {
                    // only a place to go on from
                }
                case BLACKHOLE -> {
                    return swallowed;
                }
                case UNREACHABLE -> {
                    return unreachable;
                }
                case PROHIBIT -> {
                    return prohibited;
                }
            }
        }
        return null;
    }

    static @Nullable Path find(List<AddressMap<Path>> table, boolean ipv4, long high, long low) {
        for (int i = 0; i < table.size(); i++) {
            Path path = table.get(i).find(ipv4, high, low);
            if (path != null) {
                return path;
            }
        }
        return null;
    }
}
