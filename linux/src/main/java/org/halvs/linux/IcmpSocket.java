package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * A raw socket of one family that sends echo requests and lets only echo replies in, {@code raw(7)}. Confined to one
 * thread at a time.
 */
final class IcmpSocket implements AutoCloseable {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_RAW = 3;
    private static final int IPPROTO_ICMP = 1;
    private static final int IPPROTO_ICMPV6 = 58;
    private static final int SOL_RAW = 255;
    private static final int ICMP_FILTER = 1;
    private static final int ICMP6_FILTER = 1;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUFFORCE = 33;

    /** Room for the answers of some thousand pings that come at once. */
    private static final int RECEIVE_BUFFER_BYTES = 8 << 20;

    private final IpAddress.Family family;
    private final Descriptor socket;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment received = arena.allocate(1024);
    private final MemorySegment sender;
    private final MemorySegment destination;

    private IcmpSocket(IpAddress.Family family, Descriptor socket) {
        this.family = family;
        this.socket = socket;
        int addressBytes = family == IpAddress.Family.IPV4 ? 16 : 28; // struct sockaddr_in, sockaddr_in6
        this.sender = arena.allocate(addressBytes, 8);
        this.destination = arena.allocate(addressBytes, 8);
    }

    static IcmpSocket open(IpAddress.Family family) {
        boolean ipv4 = family == IpAddress.Family.IPV4;
        Descriptor socket = Descriptor.socket(
                ipv4 ? AF_INET : AF_INET6, SOCK_RAW, ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, "ICMP socket");
        try (Arena arena = Arena.ofConfined()) {
            if (ipv4) {
                socket.option(SOL_RAW, ICMP_FILTER, ~1); // bits of the types to keep out; echo reply is type 0
            } else {
                MemorySegment keepOut = arena.allocate(32, 4); // 256 bits; echo reply is type 129
                keepOut.fill((byte) 0xff);
                keepOut.set(ValueLayout.JAVA_INT, 129 / 32 * 4, ~(1 << 129 % 32));
                socket.option(IPPROTO_ICMPV6, ICMP6_FILTER, keepOut);
            }
            try {
                socket.option(SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES);
            } catch (LinuxException _) {
                // without CAP_NET_ADMIN; many pings at once may then lose answers
            }
            return new IcmpSocket(family, socket);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    Descriptor descriptor() {
        return socket;
    }

    void send(EchoPacket packet, IpAddress target) {
        try (Arena call = Arena.ofConfined()) {
            destination.set(ValueLayout.JAVA_SHORT, 0, (short) (family == IpAddress.Family.IPV4 ? AF_INET : AF_INET6));
            MemorySegment.copy(target.bytes(), 0, destination, ValueLayout.JAVA_BYTE, addressOffset(), family.bytes());
            socket.send(call.allocateFrom(ValueLayout.JAVA_BYTE, packet.request(family)), destination);
        }
    }

    /** A reply and who sent it. */
    record Reply(IpAddress from, EchoPacket packet) {}

    /** The next datagram, if one is there: whether it was one, and the reply in it. */
    record Received(boolean any, Optional<Reply> reply) {}

    Received receive() {
        int length = socket.receive(received, sender);
        if (length < 0) {
            return new Received(false, Optional.empty());
        }
        byte[] address = sender.asSlice(addressOffset(), family.bytes()).toArray(ValueLayout.JAVA_BYTE);
        return new Received(
                true,
                EchoPacket.parseReply(family, received.asSlice(0, length).asByteBuffer())
                        .map(packet -> new Reply(IpAddress.ofBytes(address), packet)));
    }

    private int addressOffset() {
        return family == IpAddress.Family.IPV4 ? 4 : 8;
    }

    @Override
    public void close() {
        socket.close();
        arena.close();
    }
}
