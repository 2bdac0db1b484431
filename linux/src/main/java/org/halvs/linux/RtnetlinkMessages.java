package org.halvs.linux;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How {@code rtnetlink(7)} writes links, addresses, routes and neighbours: {@code linux/if_link.h}, {@code if_addr.h},
 * {@code rtnetlink.h}, {@code neighbour.h}. Requests are written here, answers are read here; the numbers stand nowhere
 * else.
 */
final class RtnetlinkMessages {
    private static final int NEW_LINK = 16;
    private static final int GET_LINK = 18;
    private static final int NEW_ADDRESS = 20;
    private static final int DELETE_ADDRESS = 21;
    private static final int GET_ADDRESS = 22;
    private static final int NEW_ROUTE = 24;
    private static final int DELETE_ROUTE = 25;
    private static final int GET_ROUTE = 26;
    private static final int NEW_NEIGHBOUR = 28;
    private static final int GET_NEIGHBOUR = 30;

    private static final int REPLACE = 0x100;
    private static final int EXCLUSIVE = 0x200;
    private static final int CREATE = 0x400;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    /** struct ifinfomsg: family u8, pad u8, type u16, index s32, flags u32, change u32. */
    private static final int LINK_BYTES = 16;

    /** struct ifaddrmsg: family, prefix length, flags, scope u8 each, index u32. */
    private static final int ADDRESS_BYTES = 8;

    /**
     * struct rtmsg: family, destination length, source length, tos, table, protocol, scope, type u8 each, flags u32.
     */
    private static final int ROUTE_BYTES = 12;

    /** struct ndmsg: family u8, pad u8, pad u16, index s32, state u16, flags u8, type u8. */
    private static final int NEIGHBOUR_BYTES = 12;

    private static final int RTPROT_STATIC = 4;
    private static final int RTN_UNICAST = 1;
    private static final int LOOPBACK_INDEX = 1; // in every network namespace

    private static final int IFF_UP = 0x1;
    private static final int IFF_LOOPBACK = 0x8;
    private static final int IFF_LOWER_UP = 0x10000;

    private RtnetlinkMessages() {}

    static boolean isLink(NetlinkMessage message) {
        return message.type() == NEW_LINK;
    }

    static boolean isAddress(NetlinkMessage message) {
        return message.type() == NEW_ADDRESS;
    }

    static boolean isRoute(NetlinkMessage message) {
        return message.type() == NEW_ROUTE;
    }

    static boolean isNeighbour(NetlinkMessage message) {
        return message.type() == NEW_NEIGHBOUR;
    }

    // ---- requests

    static void listLinks(NetlinkWriter writer) {
        writer.begin(GET_LINK, NetlinkSocket.REQUEST | NetlinkSocket.DUMP)
                .zeros(LINK_BYTES)
                .end();
    }

    static void listAddresses(NetlinkWriter writer) {
        writer.begin(GET_ADDRESS, NetlinkSocket.REQUEST | NetlinkSocket.DUMP)
                .zeros(ADDRESS_BYTES)
                .end();
    }

    static void listRoutes(NetlinkWriter writer) {
        writer.begin(GET_ROUTE, NetlinkSocket.REQUEST | NetlinkSocket.DUMP)
                .zeros(ROUTE_BYTES)
                .end();
    }

    static void listNeighbours(NetlinkWriter writer) {
        writer.begin(GET_NEIGHBOUR, NetlinkSocket.REQUEST | NetlinkSocket.DUMP)
                .zeros(NEIGHBOUR_BYTES)
                .end();
    }

    static void lookUpRoute(NetlinkWriter writer, IpAddress destination) {
        writer.begin(GET_ROUTE, NetlinkSocket.REQUEST)
                .u8(family(destination))
                .u8(destination.family().bits())
                .zeros(ROUTE_BYTES - 2)
                .attribute(RTA_DESTINATION, destination)
                .end();
    }

    static void setLinkUp(NetlinkWriter writer, int linkIndex) {
        writer.begin(NEW_LINK, NetlinkSocket.REQUEST | NetlinkSocket.ACK)
                .u32(0)
                .u32(linkIndex)
                .u32(IFF_UP)
                .u32(IFF_UP)
                .end();
    }

    /** {@code NTF_USE} makes the kernel act as if it had a packet for the neighbour. */
    static void useNeighbour(NetlinkWriter writer, int linkIndex, IpAddress address) {
        int flags = NetlinkSocket.REQUEST | NetlinkSocket.ACK | CREATE | REPLACE;
        writer.begin(NEW_NEIGHBOUR, flags)
                .u8(family(address))
                .zeros(3)
                .u32(linkIndex)
                .u16(Neighbour.State.NONE.bit())
                .u8(NTF_USE)
                .u8(0)
                .attribute(NDA_DESTINATION, address)
                .end();
    }

    static void staleNeighbour(NetlinkWriter writer, int linkIndex, IpAddress address, MacAddress mac) {
        int flags = NetlinkSocket.REQUEST | NetlinkSocket.ACK | CREATE | REPLACE;
        writer.begin(NEW_NEIGHBOUR, flags)
                .u8(family(address))
                .zeros(3)
                .u32(linkIndex)
                .u16(Neighbour.State.STALE.bit())
                .u8(0)
                .u8(0)
                .attribute(NDA_DESTINATION, address)
                .attribute(NDA_MAC, mac.bytes())
                .end();
    }

    static void change(NetlinkWriter writer, AddressChange change) {
        InterfaceAddress address = change.address();
        int request = NetlinkSocket.REQUEST | NetlinkSocket.ACK;
        switch (change) {
            case AddressChange.Add _ -> writer.begin(NEW_ADDRESS, request | CREATE | EXCLUSIVE);
            case AddressChange.Remove _ -> writer.begin(DELETE_ADDRESS, request);
        }
        writer.u8(family(address.address()))
                .u8(address.prefixLength())
                .u8(address.flags() & 0xff)
                .u8(address.scope().number())
                .u32(address.linkIndex())
                .attribute(IFA_LOCAL, address.address())
                .attribute(IFA_ADDRESS, address.address());
        if (change instanceof AddressChange.Add) {
            address.broadcast().ifPresent(broadcast -> writer.attribute(IFA_BROADCAST, broadcast));
            address.label().ifPresent(label -> writer.attribute(IFA_LABEL, label));
            if (address.flags() > 0xff) {
                writer.attribute(IFA_FLAGS, address.flags());
            }
        }
        writer.end();
    }

    /** Makes all of IPv4 that asks a table go out by the loopback interface. */
    static void addAllByLoopback(NetlinkWriter writer, int table) {
        allByLoopback(writer.begin(NEW_ROUTE, NetlinkSocket.REQUEST | NetlinkSocket.ACK | CREATE | REPLACE), table);
    }

    /** Removes the route of {@link #addAllByLoopback}. Refused with {@code ESRCH} when it is not there. */
    static void deleteAllByLoopback(NetlinkWriter writer, int table) {
        allByLoopback(writer.begin(DELETE_ROUTE, NetlinkSocket.REQUEST | NetlinkSocket.ACK), table);
    }

    private static void allByLoopback(NetlinkWriter writer, int table) {
        writer.u8(AF_INET)
                .zeros(4)
                .u8(RTPROT_STATIC)
                .u8(InterfaceAddress.Scope.LINK.number())
                .u8(RTN_UNICAST)
                .u32(0)
                .attribute(RTA_OUTPUT_LINK, LOOPBACK_INDEX)
                .attribute(RTA_TABLE, table)
                .end();
    }

    /** The route of a listed message again, with another preferred source or none. */
    static void replaceRoute(NetlinkWriter writer, NetlinkMessage listed, Optional<IpAddress> source) {
        writer.begin(NEW_ROUTE, NetlinkSocket.REQUEST | NetlinkSocket.ACK | CREATE | REPLACE);
        for (int i = 0; i < ROUTE_BYTES - 4; i++) {
            writer.u8(listed.payload().get(i));
        }
        writer.u32(listed.payload().getInt(ROUTE_BYTES - 4) & RTNH_F_ONLINK); // the other flags are states, not wishes
        listed.attributes(ROUTE_BYTES).all().forEach((type, value) -> {
            if (type != RTA_PREFERRED_SOURCE && type != RTA_CACHE_INFO) {
                writer.attribute(type, value);
            }
        });
        source.ifPresent(address -> writer.attribute(RTA_PREFERRED_SOURCE, address));
        writer.end();
    }

    // ---- answers

    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_NAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_LINK = 5;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_INFO_KIND = 1;

    static Link link(NetlinkMessage message) {
        NetlinkAttributes attributes = message.attributes(LINK_BYTES);
        int flags = message.payload().getInt(8);
        return new Link(
                message.payload().getInt(4),
                attributes.text(IFLA_NAME).orElse(""),
                attributes.mac(IFLA_ADDRESS),
                attributes.u32(IFLA_MTU).orElse(0),
                (flags & IFF_UP) != 0,
                (flags & IFF_LOWER_UP) != 0,
                (flags & IFF_LOOPBACK) != 0,
                attributes.u32(IFLA_MASTER),
                attributes.u32(IFLA_LINK),
                attributes.nested(IFLA_LINKINFO).text(IFLA_INFO_KIND),
                Short.toUnsignedInt(message.payload().getShort(2)));
    }

    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_LABEL = 3;
    private static final int IFA_BROADCAST = 4;
    private static final int IFA_FLAGS = 8;

    /** Empty for an address family other than IP. */
    static Optional<InterfaceAddress> address(NetlinkMessage message) {
        NetlinkAttributes attributes = message.attributes(ADDRESS_BYTES);
        // of a point-to-point address IFA_ADDRESS is the far end; of all others both are the same, or IFA_LOCAL is
        // missing (IPv6)
        Optional<IpAddress> address = attributes.address(IFA_LOCAL).or(() -> attributes.address(IFA_ADDRESS));
        return address.map(own -> new InterfaceAddress(
                message.payload().getInt(4),
                own,
                Byte.toUnsignedInt(message.payload().get(1)),
                attributes.address(IFA_BROADCAST),
                attributes.text(IFA_LABEL),
                InterfaceAddress.Scope.of(Byte.toUnsignedInt(message.payload().get(3))),
                attributes
                        .u32(IFA_FLAGS)
                        .orElse(Byte.toUnsignedInt(message.payload().get(2)))));
    }

    private static final int RTA_DESTINATION = 1;
    private static final int RTA_OUTPUT_LINK = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RTA_PRIORITY = 6;
    private static final int RTA_PREFERRED_SOURCE = 7;
    private static final int RTA_METRICS = 8;
    private static final int RTA_MULTIPATH = 9;
    private static final int RTA_CACHE_INFO = 12;
    private static final int RTA_TABLE = 15;
    private static final int RTA_VIA = 18;
    private static final int RTAX_MTU = 2;
    private static final int RTM_F_CLONED = 0x200;
    private static final int RTNH_F_ONLINK = 4;

    /**
     * The ways of one message: one, or as many as a multipath route has; none for other families and for cached copies
     * of routes.
     */
    static List<Route> routes(NetlinkMessage message) {
        int family = message.payload().get(0);
        boolean cached = (message.payload().getInt(8) & RTM_F_CLONED) != 0;
        if (cached || family != AF_INET && family != AF_INET6) {
            return List.of();
        }
        NetlinkAttributes attributes = message.attributes(ROUTE_BYTES);
        List<NetlinkAttributes.NextHop> hops = attributes.nextHops(RTA_MULTIPATH);
        if (hops.isEmpty()) {
            return List.of(route(message, attributes, attributes.u32(RTA_OUTPUT_LINK), attributes));
        }
        List<Route> routes = new ArrayList<>(hops.size());
        for (NetlinkAttributes.NextHop hop : hops) {
            routes.add(route(message, attributes, OptionalInt.of(hop.linkIndex()), hop.attributes()));
        }
        return routes;
    }

    private static Route route(
            NetlinkMessage message, NetlinkAttributes attributes, OptionalInt linkIndex, NetlinkAttributes hop) {
        IpAddress any = message.payload().get(0) == AF_INET ? IpAddress.ANY_IPV4 : IpAddress.ANY_IPV6;
        return new Route(
                attributes.address(RTA_DESTINATION).orElse(any),
                Byte.toUnsignedInt(message.payload().get(1)),
                linkIndex,
                gateway(hop),
                attributes.address(RTA_PREFERRED_SOURCE),
                Integer.toUnsignedLong(attributes.u32(RTA_PRIORITY).orElse(0)),
                attributes.nested(RTA_METRICS).u32(RTAX_MTU).orElse(0),
                attributes
                        .u32(RTA_TABLE)
                        .orElse(Byte.toUnsignedInt(message.payload().get(4))),
                Route.Type.of(message.payload().get(7)),
                InterfaceAddress.Scope.of(Byte.toUnsignedInt(message.payload().get(6))));
    }

    /** Empty when the route leads nowhere (unreachable, blackhole, prohibit). */
    static Optional<RouteLookup> routeLookup(NetlinkMessage message) {
        NetlinkAttributes attributes = message.attributes(ROUTE_BYTES);
        Route.Type type = Route.Type.of(message.payload().get(7));
        OptionalInt link = attributes.u32(RTA_OUTPUT_LINK);
        return switch (type) {
            case BLACKHOLE, UNREACHABLE, PROHIBIT, OTHER -> Optional.empty();
            case UNICAST, LOCAL, BROADCAST, ANYCAST, MULTICAST ->
                link.isEmpty()
                        ? Optional.empty()
                        : Optional.of(new RouteLookup(
                                link.getAsInt(),
                                gateway(attributes),
                                attributes.address(RTA_PREFERRED_SOURCE),
                                attributes.nested(RTA_METRICS).u32(RTAX_MTU),
                                type == Route.Type.LOCAL));
        };
    }

    /** {@code RTA_VIA} is a gateway of the other family: u16 family, then the address. */
    private static Optional<IpAddress> gateway(NetlinkAttributes attributes) {
        return attributes
                .address(RTA_GATEWAY)
                .or(() -> attributes
                        .bytes(RTA_VIA)
                        .filter(via -> via.length == 6 || via.length == 18)
                        .map(via -> {
                            byte[] address = new byte[via.length - 2];
                            System.arraycopy(via, 2, address, 0, address.length);
                            return IpAddress.ofBytes(address);
                        }));
    }

    private static final int NDA_DESTINATION = 1;
    private static final int NDA_MAC = 2;
    private static final int NTF_USE = 0x01;

    /** Empty for entries that are not of ARP or IPv6, those of a bridge for instance. */
    static Optional<Neighbour> neighbour(NetlinkMessage message) {
        int family = message.payload().get(0);
        if (family != AF_INET && family != AF_INET6) {
            return Optional.empty();
        }
        NetlinkAttributes attributes = message.attributes(NEIGHBOUR_BYTES);
        return attributes
                .address(NDA_DESTINATION)
                .map(address -> new Neighbour(
                        message.payload().getInt(4),
                        address,
                        attributes.mac(NDA_MAC),
                        Neighbour.State.of(Short.toUnsignedInt(message.payload().getShort(8)))));
    }

    private static int family(IpAddress address) {
        return address.isIpv4() ? AF_INET : AF_INET6;
    }
}
