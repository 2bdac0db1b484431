package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A UDP socket of one interface ({@code SO_BINDTODEVICE}, {@code socket(7)}), bound to no address: it can be opened while the interface has neither carrier
 * nor address, and goes on when they come back. When the interface itself is removed and made again, a new socket is needed; {@link #isCurrent} tells.
 * Failures of single datagrams are answered as error numbers, because a path that is down is an expected thing. Confined to one thread at a time.
 */
public final class DeviceDatagramSocket extends PollableSocket {
    /** Longer datagrams are cut. The largest UDP carries over IPv4. */
    public static final int LONGEST_DATAGRAM = 65_507;

    private static final int SOL_SOCKET = 1;
    private static final int SO_BROADCAST = 6;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SO_PRIORITY = 12;
    private static final int SO_REUSEPORT = 15;
    private static final int SO_ATTACH_FILTER = 26;
    private static final int SO_TIMESTAMPNS = 35;
    private static final int SO_ATTACH_REUSEPORT_CBPF = 51;
    private static final int IPPROTO_IP = 0;
    private static final int IP_MULTICAST_IF = 32;
    private static final int IP_MULTICAST_TTL = 33;
    private static final int IP_MULTICAST_LOOP = 34;
    private static final int IP_ADD_MEMBERSHIP = 35;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_MULTICAST_IF = 17;
    private static final int IPV6_MULTICAST_HOPS = 18;
    private static final int IPV6_MULTICAST_LOOP = 19;
    private static final int IPV6_ADD_MEMBERSHIP = 20;
    /** What peers send while this machine is suspended or starved has to be there afterwards. */
    private static final int RECEIVE_BUFFER_BYTES = 1 << 20;

    private final String device;
    private final int interfaceIndex;
    private final IpAddress.Family family;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(LONGEST_DATAGRAM, 8);
    private final MemorySegment sender = arena.allocate(SocketEndpoint.LONGEST, 8);
    private final ReceivedMessage message = new ReceivedMessage(arena, buffer, sender);

    private DeviceDatagramSocket(Descriptor socket, String device, int interfaceIndex, IpAddress.Family family) {
        super(socket);
        this.device = device;
        this.interfaceIndex = interfaceIndex;
        this.family = family;
    }

    /**
     * Opens a socket that may also send and hear broadcasts.
     *
     * @param port 0 for any
     * @throws LinuxException {@code ENODEV} when there is no such interface, {@code EADDRINUSE} when the port is taken
     */
    public static DeviceDatagramSocket open(String device, IpAddress.Family family, int port) {
        return open(device, family, port, false);
    }

    /**
     * Opens two sockets on one port, so that a thread can wait for what comes to one of them and leave what comes to the other until it is awake anyway. Nobody
     * else can have the port.
     *
     * @param chooser answers 0 for what the first one gets and 1 for the second one; its offsets count from the first byte behind the UDP header, and it is asked for
     *     datagrams to one host only: what goes to many comes to both, so that each needs a {@link #filter} as well
     * @throws LinuxException as {@link #open}; {@code ENOPROTOOPT} before Linux 4.5
     */
    public static List<DeviceDatagramSocket> openDivided(
            String device, IpAddress.Family family, int port, BpfFilter chooser) {
        open(device, family, port, false).close(); // a port that is shared can be shared by others of this user as well
        DeviceDatagramSocket first = open(device, family, port, true);
        try (Arena call = Arena.ofConfined()) {
            DeviceDatagramSocket second = open(device, family, port, true);
            try {
                first.descriptor().option(SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, chooser.program(call));
                return List.of(first, second);
            } catch (RuntimeException e) {
                second.close();
                throw e;
            }
        } catch (RuntimeException e) {
            first.close();
            throw e;
        }
    }

    private static DeviceDatagramSocket open(String device, IpAddress.Family family, int port, boolean shared) {
        String subject = "UDP port " + port + " on " + device;
        int index = SocketCalls.interfaceIndex(device);
        if (index == 0) {
            throw new LinuxException("if_nametoindex", Errno.ENODEV, device);
        }
        Descriptor socket = SocketCalls.onDevice(device, family, SocketCalls.SOCK_DGRAM, subject);
        try {
            if (family == IpAddress.Family.IPV4) {
                socket.option(SOL_SOCKET, SO_BROADCAST, 1);
            }
            try {
                socket.option(SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES);
            } catch (LinuxException _) {
                // without CAP_NET_ADMIN; the default holds some hundred datagrams
            }
            if (shared) {
                socket.option(SOL_SOCKET, SO_REUSEPORT, 1);
            }
            socket.option(SOL_SOCKET, SO_TIMESTAMPNS, 1);
            IpAddress any = family == IpAddress.Family.IPV4 ? IpAddress.ANY_IPV4 : IpAddress.ANY_IPV6;
            socket.bind(SocketEndpoint.of(any, port).segment());
            return new DeviceDatagramSocket(socket, device, index, family);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Joins a multicast group on the interface, and sends to groups there.
     *
     * @param ttl 0 to 255 routers that may be passed
     * @param loop whether this machine hears what it sends
     */
    public void join(IpAddress group, int ttl, boolean loop) {
        Descriptor socket = descriptor();
        try (Arena call = Arena.ofConfined()) {
            byte[] address = group.bytes();
            if (family == IpAddress.Family.IPV4) {
                MemorySegment request = call.allocate(12, 4); // struct ip_mreqn
                MemorySegment.copy(address, 0, request, ValueLayout.JAVA_BYTE, 0, 4);
                request.set(ValueLayout.JAVA_INT, 8, interfaceIndex);
                socket.option(IPPROTO_IP, IP_ADD_MEMBERSHIP, request);
                socket.option(IPPROTO_IP, IP_MULTICAST_IF, request);
                socket.option(IPPROTO_IP, IP_MULTICAST_TTL, ttl);
                socket.option(IPPROTO_IP, IP_MULTICAST_LOOP, loop ? 1 : 0);
            } else {
                MemorySegment request = call.allocate(20, 4); // struct ipv6_mreq
                MemorySegment.copy(address, 0, request, ValueLayout.JAVA_BYTE, 0, 16);
                request.set(ValueLayout.JAVA_INT, 16, interfaceIndex);
                socket.option(IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, request);
                socket.option(IPPROTO_IPV6, IPV6_MULTICAST_IF, interfaceIndex);
                socket.option(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, ttl);
                socket.option(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, loop ? 1 : 0);
            }
        }
    }

    /**
     * Which of the packets that wait for the interface go first ({@code SO_PRIORITY}, {@code tc-prio(8)}): those with 6 before those with 0, those before the
     * ones with 2.
     */
    public void priority(int priority) {
        descriptor().option(SOL_SOCKET, SO_PRIORITY, priority);
    }

    /**
     * Which datagrams the socket gets, in the place of any earlier filter.
     *
     * @throws LinuxException {@code EINVAL} where the kernel does not know what the filter asks for
     */
    public void filter(BpfFilter filter) {
        try (Arena call = Arena.ofConfined()) {
            descriptor().option(SOL_SOCKET, SO_ATTACH_FILTER, filter.program(call));
        }
    }

    /** Whether the interface is still the one the socket was opened on. */
    public boolean isCurrent() {
        return SocketCalls.interfaceIndex(device) == interfaceIndex;
    }

    /**
     * Sends one datagram, without ever waiting.
     *
     * @return 0, or the error number why it was not sent
     */
    public int send(byte[] datagram, int length, SocketEndpoint destination) {
        MemorySegment.copy(datagram, 0, buffer, ValueLayout.JAVA_BYTE, 0, length);
        MemorySegment to = destination.segment();
        int result = SocketCalls.send(number(), buffer, length, to, (int) to.byteSize());
        return Math.max(0, -result);
    }

    /**
     * Receives one datagram if one is there, without waiting.
     *
     * @param into its bytes; cut to the length of this array
     * @return its length; the negative error number when there is none ({@code -EAGAIN}) or the interface is down
     */
    public int receive(byte[] into) {
        int length = message.receive(number());
        if (length > 0) {
            length = Math.min(length, into.length);
            MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, into, 0, length);
        }
        return length;
    }

    /**
     * How long the datagram received last has waited in the socket, in nanoseconds, 0 or more. By the clock of the day: wrong by what that was set in the
     * meantime.
     */
    public long waitedNanos() {
        return message.ageNanos();
    }

    /** Whether the datagram received last came from there. */
    public boolean cameFrom(SocketEndpoint endpoint) {
        return endpoint.family() == family && endpoint.isAt(sender);
    }

    /** Whether the datagram received last came from that host, whichever its port. */
    public boolean cameFromHost(SocketEndpoint endpoint) {
        return endpoint.family() == family && endpoint.isHost(sender);
    }

    /** Where the datagram received last came from. */
    public SocketEndpoint sender() {
        return SocketEndpoint.copyOf(sender, family);
    }

    @Override
    public void close() {
        super.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
