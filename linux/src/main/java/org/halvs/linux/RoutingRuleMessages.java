package org.halvs.linux;

import java.util.Optional;

/** How {@code rtnetlink(7)} writes the rules of policy routing: {@code linux/fib_rules.h}. */
final class RoutingRuleMessages {
    private static final int NEW_RULE = 32;
    private static final int DELETE_RULE = 33;
    private static final int GET_RULE = 34;

    /** struct fib_rule_hdr: family, destination length, source length, tos, table, two reserved, action u8 each, flags u32. */
    private static final int RULE_BYTES = 12;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int INVERT = 0x2;
    private static final int EXCLUSIVE = 0x200;
    private static final int CREATE = 0x400;
    private static final int TO_TABLE = 1; // FR_ACT_TO_TBL

    private static final int FRA_DESTINATION = 1;
    private static final int FRA_SOURCE = 2;
    private static final int FRA_INPUT_INTERFACE = 3;
    private static final int FRA_GOTO = 4;
    private static final int FRA_PRIORITY = 6;
    private static final int FRA_MARK = 10;
    private static final int FRA_TUNNEL = 12;
    private static final int FRA_SUPPRESS_PREFIX = 14;
    private static final int FRA_TABLE = 15;
    private static final int FRA_MASK = 16;
    private static final int FRA_OUTPUT_INTERFACE = 17;
    private static final int FRA_VRF = 19;
    private static final int FRA_USERS = 20;
    private static final int FRA_PROTOCOL = 22;
    private static final int FRA_SOURCE_PORTS = 23;
    private static final int FRA_DESTINATION_PORTS = 24;
    private static final int FRA_DSCP = 25;

    private RoutingRuleMessages() {}

    static boolean isRule(NetlinkMessage message) {
        return message.type() == NEW_RULE;
    }

    static void list(NetlinkWriter writer) {
        writer.begin(GET_RULE, NetlinkSocket.REQUEST | NetlinkSocket.DUMP)
                .zeros(RULE_BYTES)
                .end();
    }

    /** Makes a rule for what this machine sends from its loopback addresses. Refused with {@code EEXIST} when it is there. */
    static void addFromLoopback(NetlinkWriter writer, int priority, int table) {
        fromLoopback(
                writer.begin(NEW_RULE, NetlinkSocket.REQUEST | NetlinkSocket.ACK | CREATE | EXCLUSIVE),
                priority,
                table);
    }

    /** Removes the rule of {@link #addFromLoopback}. Refused with {@code ENOENT} when it is not there. */
    static void deleteFromLoopback(NetlinkWriter writer, int priority, int table) {
        fromLoopback(writer.begin(DELETE_RULE, NetlinkSocket.REQUEST | NetlinkSocket.ACK), priority, table);
    }

    private static void fromLoopback(NetlinkWriter writer, int priority, int table) {
        writer.u8(AF_INET)
                .u8(0)
                .u8(8)
                .zeros(4)
                .u8(TO_TABLE)
                .u32(0)
                .attribute(FRA_SOURCE, IpAddress.of("127.0.0.0"))
                .attribute(FRA_INPUT_INTERFACE, "lo")
                .attribute(FRA_PRIORITY, priority)
                .attribute(FRA_TABLE, table)
                .end();
    }

    /** Empty for other families than IP. */
    static Optional<RoutingRule> rule(NetlinkMessage message) {
        int family = message.payload().get(0);
        if (family != AF_INET && family != AF_INET6) {
            return Optional.empty();
        }
        NetlinkAttributes attributes = message.attributes(RULE_BYTES);
        long mark = Integer.toUnsignedLong(attributes.u32(FRA_MARK).orElse(0));
        long mask = Integer.toUnsignedLong(attributes.u32(FRA_MASK).orElse(mark == 0 ? 0 : -1));
        return Optional.of(new RoutingRule(
                family == AF_INET ? IpAddress.Family.IPV4 : IpAddress.Family.IPV6,
                Integer.toUnsignedLong(attributes.u32(FRA_PRIORITY).orElse(0)),
                prefix(attributes, FRA_SOURCE, message.payload().get(2)),
                prefix(attributes, FRA_DESTINATION, message.payload().get(1)),
                mark,
                mask,
                attributes.text(FRA_INPUT_INTERFACE),
                action(message.payload().get(7)),
                attributes
                        .u32(FRA_TABLE)
                        .orElse(Byte.toUnsignedInt(message.payload().get(4))),
                Integer.toUnsignedLong(attributes.u32(FRA_GOTO).orElse(0)),
                attributes.u32(FRA_SUPPRESS_PREFIX).orElse(-1),
                (message.payload().getInt(8) & INVERT) != 0,
                message.payload().get(3) != 0 || asksForMore(attributes)));
    }

    private static Optional<RoutingRule.Prefix> prefix(NetlinkAttributes attributes, int type, byte length) {
        return attributes.address(type).map(address -> new RoutingRule.Prefix(address, Byte.toUnsignedInt(length)));
    }

    private static boolean asksForMore(NetlinkAttributes attributes) {
        return attributes.all().keySet().stream()
                .anyMatch(type -> type == FRA_OUTPUT_INTERFACE
                        || type == FRA_VRF
                        || type == FRA_TUNNEL && isSet(attributes, type)
                        || type == FRA_USERS
                        || type == FRA_PROTOCOL
                        || type == FRA_SOURCE_PORTS
                        || type == FRA_DESTINATION_PORTS
                        || type == FRA_DSCP);
    }

    private static boolean isSet(NetlinkAttributes attributes, int type) {
        for (byte each : attributes.bytes(type).orElse(new byte[0])) {
            if (each != 0) {
                return true;
            }
        }
        return false;
    }

    private static RoutingRule.Action action(byte number) {
        return switch (number) {
            case 1 -> RoutingRule.Action.TABLE;
            case 2 -> RoutingRule.Action.GOTO;
            case 6 -> RoutingRule.Action.BLACKHOLE;
            case 7 -> RoutingRule.Action.UNREACHABLE;
            case 8 -> RoutingRule.Action.PROHIBIT;
            default -> RoutingRule.Action.NOTHING;
        };
    }
}
