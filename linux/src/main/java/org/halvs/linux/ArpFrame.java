package org.halvs.linux;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * An Ethernet frame with an ARP packet for IPv4 in it (RFC 826).
 *
 * @param destination where the frame goes; all ones for everybody
 * @param senderMac also the source address of the frame when it is built
 * @param targetMac all zero in a request, which asks for it
 */
public record ArpFrame(
        MacAddress destination,
        Operation operation,
        MacAddress senderMac,
        IpAddress sender,
        MacAddress targetMac,
        IpAddress target) {

    /** What an ARP packet wants. */
    public enum Operation {
        REQUEST(1),
        REPLY(2);

        private final int number;

        Operation(int number) {
            this.number = number;
        }
    }

    /** {@code ETH_P_ARP}. */
    public static final int ETHERTYPE = 0x0806;

    private static final MacAddress UNKNOWN = new MacAddress(0);
    private static final int BYTES = 42;
    private static final int ETHERNET_HEADER_BYTES = 14;
    private static final short HARDWARE_ETHERNET = 1;
    private static final short PROTOCOL_IPV4 = 0x0800;

    public ArpFrame {
        if (!sender.isIpv4() || !target.isIpv4()) {
            throw new IllegalArgumentException("ARP is for IPv4: " + sender + ", " + target);
        }
    }

    /** Asks everybody who has {@code target}. */
    public static ArpFrame request(MacAddress senderMac, IpAddress sender, IpAddress target) {
        return new ArpFrame(MacAddress.BROADCAST, Operation.REQUEST, senderMac, sender, UNKNOWN, target);
    }

    /**
     * Asks everybody who has {@code address}, without claiming any address: hosts must not learn from it (RFC 5227
     * section 2.1.1). Used to find out whether an address is taken.
     */
    public static ArpFrame probe(MacAddress senderMac, IpAddress address) {
        return request(senderMac, IpAddress.ANY_IPV4, address);
    }

    /**
     * Announces {@code address} to everybody in the form of a request from the address for itself (RFC 5227 section
     * 2.3).
     */
    public static ArpFrame gratuitousRequest(MacAddress mac, IpAddress address) {
        return request(mac, address, address);
    }

    /**
     * Announces {@code address} to everybody in the form of a reply; some switches and routers listen to this form only
     * (RFC 5944 section 4.6).
     */
    public static ArpFrame gratuitousReply(MacAddress mac, IpAddress address) {
        return new ArpFrame(MacAddress.BROADCAST, Operation.REPLY, mac, address, mac, address);
    }

    /** Answers a request that {@code asker} sent. */
    public static ArpFrame reply(MacAddress mac, IpAddress address, MacAddress askerMac, IpAddress asker) {
        return new ArpFrame(askerMac, Operation.REPLY, mac, address, askerMac, asker);
    }

    /** The frame of 42 bytes; the device pads it to the least length of Ethernet. */
    public byte[] bytes() {
        return ByteBuffer.allocate(BYTES)
                .put(destination.bytes())
                .put(senderMac.bytes())
                .putShort((short) ETHERTYPE)
                .putShort(HARDWARE_ETHERNET)
                .putShort(PROTOCOL_IPV4)
                .put((byte) 6)
                .put((byte) 4)
                .putShort((short) operation.number)
                .put(senderMac.bytes())
                .putInt(sender.ipv4())
                .put(targetMac.bytes())
                .putInt(target.ipv4())
                .array();
    }

    /**
     * Reads a frame; empty when it is no ARP request or reply for IPv4 over Ethernet. What follows the packet is
     * padding.
     */
    public static Optional<ArpFrame> parse(byte[] frame) {
        if (frame.length < BYTES) {
            return Optional.empty();
        }
        ByteBuffer buffer = ByteBuffer.wrap(frame);
        boolean ethernetIpv4 = buffer.getShort(12) == ETHERTYPE
                && buffer.getShort(14) == HARDWARE_ETHERNET
                && buffer.getShort(16) == PROTOCOL_IPV4
                && buffer.get(18) == 6
                && buffer.get(19) == 4;
        short operation = buffer.getShort(20);
        if (!ethernetIpv4 || operation < 1 || operation > 2) {
            return Optional.empty();
        }
        return Optional.of(new ArpFrame(
                mac(buffer, 0),
                operation == 1 ? Operation.REQUEST : Operation.REPLY,
                mac(buffer, ETHERNET_HEADER_BYTES + 8),
                IpAddress.ofIpv4(buffer.getInt(ETHERNET_HEADER_BYTES + 14)),
                mac(buffer, ETHERNET_HEADER_BYTES + 18),
                IpAddress.ofIpv4(buffer.getInt(ETHERNET_HEADER_BYTES + 24))));
    }

    private static MacAddress mac(ByteBuffer buffer, int offset) {
        byte[] bytes = new byte[6];
        buffer.get(offset, bytes);
        return MacAddress.ofBytes(bytes);
    }

    /** Whether the sender announces its own address. */
    public boolean gratuitous() {
        return sender.equals(target);
    }
}
