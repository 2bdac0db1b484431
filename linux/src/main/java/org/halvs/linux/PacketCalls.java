package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The calls and numbers of {@code packet(7)} and {@code netdevice(7)} that several classes of packet input and output share. */
final class PacketCalls {
    static final int AF_PACKET = 17;
    static final int SOCK_RAW_NONBLOCK = 3 | 0x800;
    static final int SOL_SOCKET = 1;
    static final int SOL_PACKET = 263;
    static final int ETH_P_ALL = 0x0003;

    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;
    private static final int IFNAMSIZ = 16;
    private static final int IFREQ_BYTES = 40;

    private static final LibcFunction GETSOCKOPT = LibcFunction.ofInt("getsockopt");
    private static final LibcFunction IOCTL = LibcFunction.ofInt("ioctl");

    private PacketCalls() {}

    /** {@code htons}: how a 16-bit number of the network stands in a field of this machine's order. */
    static short networkOrder(int value) {
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? Short.reverseBytes((short) value) : (short) value;
    }

    /**
     * A {@code struct sockaddr_ll}.
     *
     * @param protocol the Ethernet type, or {@link #ETH_P_ALL}; 0 receives nothing
     */
    static MemorySegment address(Arena arena, int interfaceIndex, int protocol) {
        MemorySegment address = arena.allocate(20, 4);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_PACKET);
        address.set(ValueLayout.JAVA_SHORT, 2, networkOrder(protocol));
        address.set(ValueLayout.JAVA_INT, 4, interfaceIndex);
        return address;
    }

    /** Sets a packet option this kernel may not have. Answers whether it has; other failures are a {@link LinuxException}. */
    static boolean optionIfKnown(Descriptor socket, int name, int value) {
        try {
            socket.option(SOL_PACKET, name, value);
            return true;
        } catch (LinuxException e) {
            if (e.errno().equals(Errno.ENOPROTOOPT) || e.errno().equals(Errno.EINVAL)) {
                return false;
            }
            throw e;
        }
    }

    static void getOption(Descriptor socket, int level, int name, MemorySegment value, String subject) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, (int) value.byteSize());
            if (GETSOCKOPT.call(socket.number(), level, name, value, length) < 0) {
                throw new LinuxException("getsockopt " + level + "/" + name, Libc.errno(), subject);
            }
        }
    }

    static void ioctl(Descriptor descriptor, long request, String requestName, MemorySegment argument, String subject) {
        if (IOCTL.call(descriptor.number(), request, argument) < 0) {
            throw new LinuxException(requestName, Libc.errno(), subject);
        }
    }

    /** A {@code struct ifreq} for the interface called {@code name}, its union all zero; the union begins at byte 16. */
    static MemorySegment interfaceRequest(Arena arena, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        if (bytes.length >= IFNAMSIZ) {
            throw new IllegalArgumentException("interface name of more than 15 bytes: " + name);
        }
        MemorySegment request = arena.allocate(IFREQ_BYTES, 8);
        MemorySegment.copy(bytes, 0, request, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return request;
    }

    /** A socket that serves {@code netdevice(7)} requests in the network namespace of the calling thread. */
    static Descriptor controlSocket() {
        return Descriptor.socket(AF_INET, SOCK_DGRAM, 0, "interface requests");
    }
}
