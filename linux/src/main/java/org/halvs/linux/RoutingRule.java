package org.halvs.linux;

import java.util.Optional;

/**
 * A rule that says which table a packet is routed by, {@code ip-rule(8)}. Rules are asked in the order of their priority; the first whose table has
 * a route, or that refuses, decides.
 *
 * @param family of the packets
 * @param priority lower ones are asked first
 * @param source the prefix the packet comes from; empty for any
 * @param destination the prefix it goes to; empty for any
 * @param mark the firewall mark it has in the bits of {@code markMask}
 * @param markMask 0 for any mark
 * @param inputInterface the interface it came in by, {@code lo} for packets of this machine's own; empty for any
 * @param table asked when {@code action} is {@link Action#TABLE}
 * @param target the priority of the rule to go on with when it is {@link Action#GOTO}
 * @param shortestPrefix routes of the table with a prefix of at most this length do not count ({@code suppress_prefixlength}); -1 for none
 * @param inverted holds for the packets the rest does not describe
 * @param partial whether the rule asks for something else besides (TOS, protocol, ports, output interface, user), which is not told here
 */
public record RoutingRule(
        IpAddress.Family family,
        long priority,
        Optional<Prefix> source,
        Optional<Prefix> destination,
        long mark,
        long markMask,
        Optional<String> inputInterface,
        Action action,
        int table,
        long target,
        int shortestPrefix,
        boolean inverted,
        boolean partial) {

    /** What a rule does with packets. */
    public enum Action {
        TABLE,
        GOTO,
        NOTHING,
        BLACKHOLE,
        UNREACHABLE,
        PROHIBIT
    }

    /** A network. */
    public record Prefix(IpAddress address, int length) {}

    /** Whether it holds for every packet and asks one of the tables every machine has. */
    public boolean isStandard() {
        return action == Action.TABLE
                && (table == Route.LOCAL || table == Route.MAIN || table == Route.DEFAULT)
                && source.isEmpty()
                && destination.isEmpty()
                && markMask == 0
                && inputInterface.isEmpty()
                && shortestPrefix < 0
                && !inverted
                && !partial;
    }
}
