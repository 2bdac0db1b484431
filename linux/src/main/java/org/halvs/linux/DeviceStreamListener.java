package org.halvs.linux;

import java.util.Optional;

/** A TCP port of one interface, bound to no address. Confined to one thread at a time. */
public final class DeviceStreamListener extends PollableSocket {
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int BACKLOG = 16;

    private DeviceStreamListener(Descriptor socket) {
        super(socket);
    }

    /** @throws LinuxException {@code ENODEV} when there is no such interface, {@code EADDRINUSE} when the port is taken */
    public static DeviceStreamListener open(String device, IpAddress.Family family, int port) {
        String subject = "TCP port " + port + " on " + device;
        Descriptor socket = SocketCalls.onDevice(device, family, SocketCalls.SOCK_STREAM, subject);
        try {
            socket.option(SOL_SOCKET, SO_REUSEADDR, 1);
            IpAddress any = family == IpAddress.Family.IPV4 ? IpAddress.ANY_IPV4 : IpAddress.ANY_IPV6;
            socket.bind(SocketEndpoint.of(any, port).segment());
            SocketCalls.listen(socket, BACKLOG, subject);
            return new DeviceStreamListener(socket);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** The next connection, if one waits. */
    public Optional<DeviceStream> accept() {
        int number = SocketCalls.accept(number());
        return number < 0
                ? Optional.empty()
                : Optional.of(new DeviceStream(Descriptor.adopt(number, "accepted connection"), false));
    }
}
