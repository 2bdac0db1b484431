package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * The calls of sockets that send and receive many times a second: they allocate nothing, and answer a failure as a negative error number, because most of
 * them are a path that is down at the moment.
 */
final class SocketCalls {
    private static final MethodHandle SENDTO = Libc.bind(
            "sendto",
            FunctionDescriptor.of(Libc.LONG, Libc.INT, Libc.POINTER, Libc.SIZE_T, Libc.INT, Libc.POINTER, Libc.INT));
    private static final MethodHandle RECV =
            Libc.bind("recv", FunctionDescriptor.of(Libc.LONG, Libc.INT, Libc.POINTER, Libc.SIZE_T, Libc.INT));
    private static final MethodHandle RECVMSG =
            Libc.bind("recvmsg", FunctionDescriptor.of(Libc.LONG, Libc.INT, Libc.POINTER, Libc.INT));
    private static final MethodHandle CONNECT =
            Libc.bind("connect", FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.POINTER, Libc.INT));
    private static final MethodHandle LISTEN = Libc.bind("listen", FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.INT));
    private static final MethodHandle ACCEPT =
            Libc.bind("accept4", FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.POINTER, Libc.POINTER, Libc.INT));
    private static final MethodHandle GETSOCKOPT = Libc.bind(
            "getsockopt", FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.INT, Libc.INT, Libc.POINTER, Libc.POINTER));
    private static final MethodHandle IF_NAMETOINDEX =
            Libc.bind("if_nametoindex", FunctionDescriptor.of(Libc.INT, Libc.POINTER));

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
            return (int)
                    IF_NAMETOINDEX.invokeExact(Libc.errnoBuffer(), arena.allocateFrom(device, StandardCharsets.UTF_8));
        } catch (Throwable e) {
            throw Libc.impossible(e);
        }
    }

    /** How many bytes were sent, or the negative error. */
    static int send(int socket, MemorySegment data, int length, MemorySegment destination, int destinationLength) {
        try {
            long sent = (long) SENDTO.invokeExact(
                    Libc.errnoBuffer(),
                    socket,
                    data,
                    (long) length,
                    MSG_DONTWAIT | MSG_NOSIGNAL,
                    destination,
                    destinationLength);
            return sent < 0 ? -Libc.errnoNumber() : (int) sent;
        } catch (Throwable e) {
            throw Libc.impossible(e);
        }
    }

    /** How many bytes were received, 0 at the end of a stream, or the negative error. */
    static int receive(int socket, MemorySegment buffer) {
        try {
            long received =
                    (long) RECV.invokeExact(Libc.errnoBuffer(), socket, buffer, buffer.byteSize(), MSG_DONTWAIT);
            return received < 0 ? -Libc.errnoNumber() : (int) received;
        } catch (Throwable e) {
            throw Libc.impossible(e);
        }
    }

    /** How many bytes were received into a {@code struct msghdr}, or the negative error. */
    static int receiveMessage(int socket, MemorySegment header) {
        try {
            long received = (long) RECVMSG.invokeExact(Libc.errnoBuffer(), socket, header, MSG_DONTWAIT);
            return received < 0 ? -Libc.errnoNumber() : (int) received;
        } catch (Throwable e) {
            throw Libc.impossible(e);
        }
    }

    /** 0, or the negative error. */
    static int connect(int socket, SocketEndpoint to) {
        try {
            int result = (int) CONNECT.invokeExact(
                    Libc.errnoBuffer(), socket, to.segment(), (int) to.segment().byteSize());
            return result < 0 ? -Libc.errnoNumber() : 0;
        } catch (Throwable e) {
            throw Libc.impossible(e);
        }
    }

    static void listen(Descriptor socket, int backlog, String subject) {
        try {
            if ((int) LISTEN.invokeExact(Libc.errnoBuffer(), socket.number(), backlog) < 0) {
                throw new LinuxException("listen", Libc.errno(), subject);
            }
        } catch (LinuxException e) {
            throw e;
        } catch (Throwable e) {
            throw Libc.impossible(e);
        }
    }

    /** The number of a connection's descriptor, or the negative error. */
    static int accept(int socket) {
        try {
            int accepted = (int) ACCEPT.invokeExact(
                    Libc.errnoBuffer(), socket, MemorySegment.NULL, MemorySegment.NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
            return accepted < 0 ? -Libc.errnoNumber() : accepted;
        } catch (Throwable e) {
            throw Libc.impossible(e);
        }
    }

    /** The error that waits on a socket, and takes it off; 0 for none. */
    static int takeError(int socket) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocateFrom(ValueLayout.JAVA_INT, 0);
            MemorySegment size = arena.allocateFrom(ValueLayout.JAVA_INT, Integer.BYTES);
            int result = (int) GETSOCKOPT.invokeExact(Libc.errnoBuffer(), socket, SOL_SOCKET, SO_ERROR, value, size);
            return result < 0 ? Libc.errnoNumber() : value.get(ValueLayout.JAVA_INT, 0);
        } catch (Throwable e) {
            throw Libc.impossible(e);
        }
    }
}
