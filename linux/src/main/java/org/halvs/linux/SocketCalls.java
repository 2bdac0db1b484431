package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * The calls of sockets that send and receive many times a second: they allocate nothing, and answer a failure as a negative error number, because most of
 * them are a path that is down at the moment.
 */
final class SocketCalls {
    private static final LibcFunction SENDTO = LibcFunction.ofLong("sendto");
    private static final LibcFunction RECV = LibcFunction.ofLong("recv");
    private static final LibcFunction RECVMSG = LibcFunction.ofLong("recvmsg");
    private static final LibcFunction CONNECT = LibcFunction.ofInt("connect");
    private static final LibcFunction LISTEN = LibcFunction.ofInt("listen");
    private static final LibcFunction ACCEPT = LibcFunction.ofInt("accept4");
    private static final LibcFunction GETSOCKOPT = LibcFunction.ofInt("getsockopt");
    private static final LibcFunction IF_NAMETOINDEX = LibcFunction.ofInt("if_nametoindex");

    static final int SOCK_STREAM = 1;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_NONBLOCK = 0x800;

    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_ERROR = 4;
    private static final int SO_BINDTODEVICE = 25;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;

    private SocketCalls() {}

    /** A socket that uses one interface only, whatever the routes say, and only one family. It can be made while the interface has no carrier or address. */
    static Descriptor onDevice(String device, IpAddress.Family family, int type, String subject) {
        int domain = family == IpAddress.Family.IPV4 ? SocketEndpoint.AF_INET : SocketEndpoint.AF_INET6;
        Descriptor socket = Descriptor.socket(domain, type | SOCK_NONBLOCK, 0, subject);
        try (Arena arena = Arena.ofConfined()) {
            socket.option(SOL_SOCKET, SO_BINDTODEVICE, arena.allocateFrom(device));
            if (family == IpAddress.Family.IPV6) {
                socket.option(IPPROTO_IPV6, IPV6_V6ONLY, 1);
            }
            return socket;
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** The number of an interface; 0 when there is none of this name. */
    static int interfaceIndex(String device) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) IF_NAMETOINDEX.call(arena.allocateFrom(device, StandardCharsets.UTF_8));
        }
    }

    /** How many bytes were sent, or the negative error. */
    static int send(int socket, MemorySegment data, int length, MemorySegment destination, int destinationLength) {
        return orError(SENDTO.call(socket, data, length, MSG_DONTWAIT | MSG_NOSIGNAL, destination, destinationLength));
    }

    /** How many bytes were received, 0 at the end of a stream, or the negative error. */
    static int receive(int socket, MemorySegment buffer) {
        return orError(RECV.call(socket, buffer, buffer.byteSize(), MSG_DONTWAIT));
    }

    /** How many bytes were received into a {@code struct msghdr}, or the negative error. */
    static int receiveMessage(int socket, MemorySegment header) {
        return orError(RECVMSG.call(socket, header, MSG_DONTWAIT));
    }

    /** 0, or the negative error. */
    static int connect(int socket, SocketEndpoint to) {
        return orError(CONNECT.call(socket, to.segment(), to.segment().byteSize()));
    }

    static void listen(Descriptor socket, int backlog, String subject) {
        if (LISTEN.call(socket.number(), backlog) < 0) {
            throw new LinuxException("listen", Libc.errno(), subject);
        }
    }

    /** The number of a connection's descriptor, or the negative error. */
    static int accept(int socket) {
        return orError(ACCEPT.call(socket, MemorySegment.NULL, 0, SOCK_NONBLOCK | SOCK_CLOEXEC));
    }

    /** The error that waits on a socket, and takes it off; 0 for none. */
    static int takeError(int socket) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocateFrom(ValueLayout.JAVA_INT, 0);
            MemorySegment size = arena.allocateFrom(ValueLayout.JAVA_INT, Integer.BYTES);
            return GETSOCKOPT.call(socket, SOL_SOCKET, SO_ERROR, value, size) < 0
                    ? Libc.errnoNumber()
                    : value.get(ValueLayout.JAVA_INT, 0);
        }
    }

    private static int orError(long result) {
        return result < 0 ? -Libc.errnoNumber() : (int) result;
    }
}
