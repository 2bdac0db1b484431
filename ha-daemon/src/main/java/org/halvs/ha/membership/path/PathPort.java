package org.halvs.ha.membership.path;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.halvs.ha.config.Medium;
import org.halvs.linux.BpfFilter;
import org.halvs.linux.DeviceDatagramSocket;
import org.halvs.linux.DeviceStreamListener;
import org.halvs.linux.Errno;
import org.halvs.linux.IpAddress;
import org.halvs.linux.LinuxException;
import org.halvs.linux.SocketEndpoint;
import org.jspecify.annotations.Nullable;

/**
 * One UDP port of a path, and the TCP port of the same number. What does not work now is tried again for ever, and the log hears of a change only. Confined
 * to the thread {@code paths} once that runs.
 */
final class PathPort implements AutoCloseable {
    private static final Logger LOG = System.getLogger(PathPort.class.getName());
    /** Floating addresses come and go, but nobody sends to those; the fixed ones hardly ever change. */
    private static final long OWN_ADDRESSES_NANOS = 10_000_000_000L;

    /** Of what waits for the interface heartbeats go first, and what is long goes last. */
    private static final int FIRST = 6;

    private static final int LAST = 2;

    private static final int EAGAIN = Errno.EAGAIN.number();
    private static final int ENOBUFS = Errno.ENOBUFS.number();

    private int path;
    private PathSpec.PortSpec spec;
    private SocketEndpoint[] destinations;
    private boolean[] own;
    private @Nullable DeviceDatagramSocket socket;
    /** Sends what is long, from any port: its full send buffer is not the one heartbeats go through. */
    private @Nullable DeviceDatagramSocket bulk;

    private @Nullable BpfFilter filter;
    private @Nullable DeviceStreamListener listener;
    private boolean failing;
    private boolean listenerFailing;
    private long ownCheckedNanos;

    PathPort(int path, PathSpec.PortSpec spec) {
        this.path = path;
        this.spec = spec;
        destinations = spec.destinations().toArray(SocketEndpoint[]::new);
        own = new boolean[destinations.length];
    }

    /** Whether a socket for {@code other} would be this one. */
    boolean isPort(PathSpec.PortSpec other) {
        return spec.link().equals(other.link()) && spec.family() == other.family() && spec.port() == other.port();
    }

    /** It is of a path with another number from now on, and may send elsewhere; for the same socket, see {@link #isPort}. */
    void move(int number, PathSpec.PortSpec changed) {
        path = number;
        if (changed.equals(spec)) {
            return;
        }
        List<Medium.Mcast> known = spec.groups();
        spec = changed;
        destinations = changed.destinations().toArray(SocketEndpoint[]::new);
        own = new boolean[destinations.length];
        findOwnAddresses(System.nanoTime());
        socket().ifPresent(open -> {
            try {
                // a group that is listened to no more is heard until the socket is opened anew, which does no harm
                for (Medium.Mcast group : changed.groups()) {
                    if (!known.contains(group)) {
                        open.join(group.group(), group.ttl(), group.loop());
                    }
                }
            } catch (LinuxException e) {
                fails(e.getMessage());
                close();
            }
        });
        if (!known.equals(changed.groups()) && bulk != null) {
            bulk.close();
            bulk = openBulk();
        }
    }

    /** Which datagrams are received from now on; where the kernel can't do that, all are. */
    void filter(BpfFilter wanted) {
        filter = wanted;
        socket().ifPresent(this::attachFilter);
    }

    private void attachFilter(DeviceDatagramSocket open) {
        BpfFilter wanted = filter;
        if (wanted != null) {
            try {
                open.filter(wanted);
            } catch (LinuxException e) {
                LOG.log(Level.DEBUG, "path {0}: {1}", link(), e.getMessage());
            }
        }
    }

    int path() {
        return path;
    }

    String link() {
        return spec.link();
    }

    Optional<DeviceDatagramSocket> socket() {
        return Optional.ofNullable(socket);
    }

    Optional<DeviceStreamListener> listener() {
        return Optional.ofNullable(listener);
    }

    /**
     * Opens the port for the first time.
     *
     * @throws LinuxException when it will not work later either: the port is taken, or this process may not
     */
    void open(long nowNanos) {
        try {
            openSocket(nowNanos);
        } catch (LinuxException e) {
            Errno why = e.errno();
            if (why.equals(Errno.EADDRINUSE) || why.equals(Errno.EPERM) || why.equals(Errno.EACCES)) {
                throw e;
            }
            fails(e.getMessage());
        }
        openListener();
    }

    /** Looks after what failed; answers whether there are other sockets now. */
    boolean tend(long nowNanos) {
        if (nowNanos - ownCheckedNanos >= OWN_ADDRESSES_NANOS) {
            findOwnAddresses(nowNanos);
        }
        DeviceDatagramSocket current = socket;
        boolean gone = current != null && failing && !current.isCurrent();
        boolean changed = gone;
        if (gone) {
            close();
        }
        if (socket == null) {
            try {
                openSocket(nowNanos);
                changed = true;
            } catch (LinuxException e) {
                fails(e.getMessage());
            }
        }
        return listener == null && openListener() || changed;
    }

    private void openSocket(long nowNanos) {
        DeviceDatagramSocket opened = DeviceDatagramSocket.open(spec.link(), spec.family(), spec.port());
        try {
            for (Medium.Mcast group : spec.groups()) {
                opened.join(group.group(), group.ttl(), group.loop());
            }
        } catch (LinuxException e) {
            opened.close();
            throw e;
        }
        prefer(opened, FIRST);
        attachFilter(opened);
        socket = opened;
        bulk = openBulk();
        findOwnAddresses(nowNanos);
    }

    private static void prefer(DeviceDatagramSocket open, int priority) {
        try {
            open.priority(priority);
        } catch (LinuxException e) {
            LOG.log(Level.DEBUG, "priority {0}: {1}", priority, e.getMessage());
        }
    }

    /** Null where it can't be had; then everything goes through one socket. */
    private @Nullable DeviceDatagramSocket openBulk() {
        DeviceDatagramSocket opened = null;
        try {
            opened = DeviceDatagramSocket.open(spec.link(), spec.family(), 0);
            for (Medium.Mcast group : spec.groups()) {
                opened.join(group.group(), group.ttl(), group.loop()); // sends to groups as the other socket does
            }
            prefer(opened, LAST);
            return opened;
        } catch (LinuxException e) {
            LOG.log(Level.DEBUG, "path {0}: {1}", link(), e.getMessage());
            if (opened != null) {
                opened.close();
            }
            return null;
        }
    }

    /** Without it a crash of a peer is noticed by its silence only. */
    private boolean openListener() {
        if (socket == null) {
            return false;
        }
        try {
            listener = DeviceStreamListener.open(spec.link(), spec.family(), spec.port());
            listenerFailing = false;
            return true;
        } catch (LinuxException e) {
            if (!listenerFailing) {
                listenerFailing = true;
                LOG.log(
                        Level.WARNING,
                        "path {0}: {1}; crashes of the other node are seen late",
                        link(),
                        e.getMessage());
            }
            return false;
        }
    }

    /** A line of ha.cf for this node's own address is harmless, but nothing needs to be sent there. */
    private void findOwnAddresses(long nowNanos) {
        ownCheckedNanos = nowNanos;
        Set<IpAddress> addresses = ownAddresses();
        for (int i = 0; i < destinations.length; i++) {
            own[i] = addresses.contains(destinations[i].address());
        }
    }

    private Set<IpAddress> ownAddresses() {
        try {
            NetworkInterface nic = NetworkInterface.getByName(spec.link());
            return nic == null
                    ? Set.of()
                    : nic.inetAddresses().map(IpAddress::of).collect(Collectors.toUnmodifiableSet());
        } catch (SocketException _) {
            return Set.of();
        }
    }

    /** Sends to every destination. */
    void send(byte[] datagram, int length) {
        DeviceDatagramSocket current = socket;
        if (current == null) {
            return;
        }
        int error = 0;
        boolean sent = false;
        for (int i = 0; i < destinations.length; i++) {
            if (!own[i]) {
                int result = current.send(datagram, length, destinations[i]);
                if (result == 0) {
                    sent = true;
                } else if (result != EAGAIN && result != ENOBUFS) {
                    error = result;
                }
            }
        }
        if (sent && failing) {
            failing = false;
            LOG.log(Level.INFO, "path {0}, port {1}: works again", link(), String.valueOf(spec.port()));
        } else if (error != 0 && !sent) {
            if (!failing) {
                fails("sendto: " + new Errno(error).text());
            }
        }
    }

    /** Sends something long to every destination; what does not go out is lost, as on a network, and sent again by those who need it. */
    void sendBulk(byte[] datagram, int length) {
        DeviceDatagramSocket current = bulk;
        if (current == null) {
            send(datagram, length);
            return;
        }
        for (int i = 0; i < destinations.length; i++) {
            if (!own[i]) {
                int ignored = current.send(datagram, length, destinations[i]);
            }
        }
    }

    private void fails(String why) {
        if (!failing) {
            failing = true;
            LOG.log(
                    Level.WARNING,
                    "path {0}, port {1}: {2}; it is tried again and again",
                    link(),
                    String.valueOf(spec.port()),
                    why);
        }
    }

    @Override
    public void close() {
        socket().ifPresent(DeviceDatagramSocket::close);
        Optional.ofNullable(bulk).ifPresent(DeviceDatagramSocket::close);
        bulk = null;
        listener().ifPresent(DeviceStreamListener::close);
        socket = null;
        listener = null;
    }
}
