package org.halvs.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The expressions of one nf_tables rule. They run in order; the first that does not match ends the rule. Values travel in 4-byte registers,
 * numbered from 0; a value of up to 4 bytes takes one, an IPv6 address takes four. Everything is in network byte order unless said otherwise.
 */
final class NftRule {
    private static final int REGISTERS = 8; // NFT_REG32_00

    private static final int VERDICT_REGISTER = 0;
    private static final int DROP = 0;
    private static final int ACCEPT = 1;
    private static final int JUMP = -3;

    private static final int META_INPUT_NAME = 6;
    private static final int META_OUTPUT_NAME = 7;
    private static final int META_NETWORK_PROTOCOL = 15;
    private static final int META_TRANSPORT_PROTOCOL = 16;
    private static final int META_PACKET_TYPE = 19;
    private static final byte PACKET_HOST = 0;
    private static final int LINK_LAYER_HEADER = 0;
    private static final int NETWORK_HEADER = 1;
    private static final int TRANSPORT_HEADER = 2;
    private static final int FIB_ADDRESS_TYPE = 3;
    private static final int FIB_DESTINATION = 2;
    private static final int RTN_LOCAL = 2;
    private static final int EQUAL = 0;
    private static final int NOT_EQUAL = 1;
    private static final int AT_MOST = 3;
    private static final int AT_LEAST = 5;
    private static final int IFNAMSIZ = 16;
    private static final byte ICMP = 1;
    private static final byte ICMPV6 = 58;
    private static final int ICMP_HEADER = 8;
    private static final byte IPV6_FRAGMENT_HEADER = 44;
    private static final int HEADER_IS_THERE = 1; // NFT_EXTHDR_F_PRESENT
    private static final int TRANSLATE_DESTINATION = 1; // NFT_NAT_DNAT
    private static final byte NFPROTO_IPV4 = 2;
    private static final byte NFPROTO_IPV6 = 10;

    private final NestedAttributes list = new NestedAttributes();

    /** {@code iifname NAME}. */
    NftRule inputInterface(String name) {
        return meta(META_INPUT_NAME, 0).compare(0, EQUAL, interfaceName(name));
    }

    /** {@code oifname NAME}. */
    NftRule outputInterface(String name) {
        return meta(META_OUTPUT_NAME, 0).compare(0, EQUAL, interfaceName(name));
    }

    private static byte[] interfaceName(String name) {
        return Arrays.copyOf(name.getBytes(StandardCharsets.US_ASCII), IFNAMSIZ);
    }

    /** {@code meta nfproto ipv4} or {@code ipv6}. */
    NftRule family(IpAddress.Family family) {
        return meta(META_NETWORK_PROTOCOL, 0)
                .compare(0, EQUAL, family == IpAddress.Family.IPV4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
    }

    /** Loads the destination of the Ethernet frame. */
    NftRule loadEthernetDestination(int register) {
        return payload(LINK_LAYER_HEADER, 0, 6, register);
    }

    /** Loads the type of the Ethernet frame, that of its VLAN tag where it has one. */
    NftRule loadEthertype(int register) {
        return payload(LINK_LAYER_HEADER, 12, 2, register);
    }

    /** Loads the transport protocol, behind any IPv6 extension headers. */
    NftRule loadProtocol(int register) {
        return meta(META_TRANSPORT_PROTOCOL, register);
    }

    NftRule loadSource(IpAddress.Family family, int register) {
        return payload(NETWORK_HEADER, family == IpAddress.Family.IPV4 ? 12 : 8, family.bytes(), register);
    }

    NftRule loadDestination(IpAddress.Family family, int register) {
        return payload(NETWORK_HEADER, family == IpAddress.Family.IPV4 ? 16 : 24, family.bytes(), register);
    }

    /** In the family {@code arp}: loads the sender's protocol address, as of Ethernet and IPv4 (RFC 826). */
    NftRule loadArpSender(int register) {
        return payload(NETWORK_HEADER, 14, 4, register);
    }

    /** In the family {@code arp}: loads the target's protocol address. */
    NftRule loadArpTarget(int register) {
        return payload(NETWORK_HEADER, 24, 4, register);
    }

    /** Loads the type of an ICMPv6 message. */
    NftRule loadIcmpType(int register) {
        return payload(TRANSPORT_HEADER, 0, 1, register);
    }

    /** Loads the target of a neighbour solicitation or advertisement (RFC 4861 sections 4.3 and 4.4). */
    NftRule loadNeighbourTarget(int register) {
        return payload(TRANSPORT_HEADER, 8, 16, register);
    }

    /** Loads the source port; a packet without one, such as a later fragment, does not match. */
    NftRule loadSourcePort(int register) {
        return payload(TRANSPORT_HEADER, 0, 2, register);
    }

    NftRule loadDestinationPort(int register) {
        return payload(TRANSPORT_HEADER, 2, 2, register);
    }

    /** The packet is a piece of a datagram, the first one or a later one. */
    NftRule fragment(IpAddress.Family family) {
        if (family == IpAddress.Family.IPV6) {
            NestedAttributes header = new NestedAttributes()
                    .add(1, REGISTERS)
                    .add(2, new byte[] {IPV6_FRAGMENT_HEADER})
                    .add(3, 0)
                    .add(4, 1)
                    .add(5, HEADER_IS_THERE);
            return expression("exthdr", header).compare(0, EQUAL, (byte) 1);
        }
        // neither alone nor alone with the flag "don't fragment"
        return payload(NETWORK_HEADER, 6, 2, 0)
                .compare(0, NOT_EQUAL, (byte) 0, (byte) 0)
                .compare(0, NOT_EQUAL, (byte) 0x40, (byte) 0);
    }

    /** The packet is an ICMP error, of the types from {@code firstType} to {@code lastType}. */
    NftRule icmpError(IpAddress.Family family, int firstType, int lastType) {
        NftRule type = loadProtocol(0)
                .equal(0, family == IpAddress.Family.IPV4 ? ICMP : ICMPV6)
                .payload(TRANSPORT_HEADER, 0, 1, 0);
        return firstType == lastType
                ? type.equal(0, (byte) firstType)
                : type.between(0, new byte[] {(byte) firstType}, new byte[] {(byte) lastType});
    }

    /** Loads the transport protocol of the packet an ICMP error quotes. */
    NftRule loadQuotedProtocol(IpAddress.Family family, int register) {
        return payload(TRANSPORT_HEADER, ICMP_HEADER + (family == IpAddress.Family.IPV4 ? 9 : 6), 1, register);
    }

    NftRule loadQuotedDestination(IpAddress.Family family, int register) {
        return payload(
                TRANSPORT_HEADER, ICMP_HEADER + (family == IpAddress.Family.IPV4 ? 16 : 24), family.bytes(), register);
    }

    /** Where it stands in a quoted packet without options or extension headers. */
    NftRule loadQuotedDestinationPort(IpAddress.Family family, int register) {
        return payload(TRANSPORT_HEADER, ICMP_HEADER + (family == IpAddress.Family.IPV4 ? 20 : 40) + 2, 2, register);
    }

    NftRule equal(int register, byte... value) {
        return compare(register, EQUAL, value);
    }

    /** Both ends included. */
    NftRule between(int register, byte[] lowest, byte[] highest) {
        return compare(register, AT_LEAST, lowest).compare(register, AT_MOST, highest);
    }

    /** Whether what stands in the registers from {@code register} on is an element of a set. */
    NftRule in(String set, int register) {
        return expression("lookup", new NestedAttributes().add(1, set).add(2, REGISTERS + register));
    }

    /** {@code fib daddr type != local}: the destination is no address of this machine. */
    NftRule destinationNotLocal() {
        NestedAttributes fib = new NestedAttributes()
                .add(1, REGISTERS)
                .add(2, FIB_ADDRESS_TYPE)
                .add(3, FIB_DESTINATION);
        byte[] local = ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder()) // the result is a number of the machine
                .putInt(RTN_LOCAL)
                .array();
        return expression("fib", fib).compare(0, NOT_EQUAL, local);
    }

    NftRule count() {
        return expression("counter", new NestedAttributes());
    }

    NftRule drop() {
        return verdict(new NestedAttributes().add(1, DROP));
    }

    NftRule accept() {
        return verdict(new NestedAttributes().add(1, ACCEPT));
    }

    /** {@code dnat to ADDRESS:PORT}: the connection goes there. Uses all registers. */
    NftRule translateTo(IpAddress address, int port) {
        int portRegister = address.family().bytes() / 4;
        immediate(0, address.bytes());
        immediate(portRegister, (byte) (port >>> 8), (byte) port);
        return expression(
                "nat",
                new NestedAttributes()
                        .add(1, TRANSLATE_DESTINATION)
                        .add(2, address.isIpv4() ? NFPROTO_IPV4 : NFPROTO_IPV6)
                        .add(3, REGISTERS)
                        .add(5, REGISTERS + portRegister));
    }

    /** In the family {@code ip}: {@code dup to ip daddr}, sends a copy by the route to the packet's destination that does not depend on its source. */
    NftRule sendCopy() {
        loadDestination(IpAddress.Family.IPV4, 0);
        return expression("dup", new NestedAttributes().add(1, REGISTERS));
    }

    /** {@code meta pkttype set host}: the frame is for this machine, whatever its destination says. */
    NftRule deliverHere() {
        immediate(0, PACKET_HOST);
        return expression(
                "meta", new NestedAttributes().add(2, META_PACKET_TYPE).add(3, REGISTERS));
    }

    /** Goes on in another chain, and comes back when that says nothing. */
    NftRule jump(String chain) {
        return verdict(new NestedAttributes().add(1, JUMP).add(2, chain));
    }

    private void immediate(int register, byte... value) {
        expression(
                "immediate",
                new NestedAttributes().add(1, REGISTERS + register).add(2, new NestedAttributes().add(1, value)));
    }

    private NftRule verdict(NestedAttributes verdict) {
        return expression(
                "immediate",
                new NestedAttributes().add(1, VERDICT_REGISTER).add(2, new NestedAttributes().add(2, verdict)));
    }

    private NftRule meta(int key, int register) {
        return expression(
                "meta", new NestedAttributes().add(1, REGISTERS + register).add(2, key));
    }

    private NftRule payload(int base, int offset, int length, int register) {
        return expression(
                "payload",
                new NestedAttributes()
                        .add(1, REGISTERS + register)
                        .add(2, base)
                        .add(3, offset)
                        .add(4, length));
    }

    private NftRule compare(int register, int operator, byte... value) {
        return expression(
                "cmp",
                new NestedAttributes()
                        .add(1, REGISTERS + register)
                        .add(2, operator)
                        .add(3, new NestedAttributes().add(1, value)));
    }

    private NftRule expression(String name, NestedAttributes data) {
        list.add(1, new NestedAttributes().add(1, name).add(2, data));
        return this;
    }

    NestedAttributes expressions() {
        return list;
    }
}
