package org.halvs.linux;

import java.lang.foreign.Arena;

/**
 * Makes the kernel believe that somebody speaks a transport protocol, so that it does not answer its packets with "protocol unreachable"
 * ({@code raw(7)}). The packets themselves are thrown away; a packet socket sees them all the same.
 */
public final class ProtocolClaim implements AutoCloseable {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_RAW = 3;
    private static final int SO_ATTACH_FILTER = 26;

    private final Descriptor socket;

    private ProtocolClaim(Descriptor socket) {
        this.socket = socket;
    }

    /**
     * Claims a protocol over IPv4 in the network namespace of the calling thread.
     *
     * @param protocol the number in the IP header, 1 to 254
     */
    public static ProtocolClaim open(int protocol) {
        return open(protocol, IpAddress.Family.IPV4);
    }

    /**
     * Claims a protocol over one family in the network namespace of the calling thread.
     *
     * @param protocol the number in the IP header (the last next header of IPv6), 1 to 254
     */
    public static ProtocolClaim open(int protocol, IpAddress.Family family) {
        int domain = family == IpAddress.Family.IPV4 ? AF_INET : AF_INET6;
        Descriptor socket = Descriptor.socket(domain, SOCK_RAW, protocol, "IP protocol " + protocol);
        try (Arena arena = Arena.ofConfined()) {
            // a socket whose buffer is full does not count as somebody who listens, so nothing may ever enter it
            socket.option(
                    PacketCalls.SOL_SOCKET,
                    SO_ATTACH_FILTER,
                    BpfFilter.builder().reject().build().program(arena));
            return new ProtocolClaim(socket);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
