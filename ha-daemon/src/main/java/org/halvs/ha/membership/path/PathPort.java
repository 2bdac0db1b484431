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
import org.halvs.ha.membership.path.DatagramFilter.Part;
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
    /** Sends heartbeats and what is short, and receives: everything, or routine heartbeats where {@link #divided}. */
    private @Nullable DeviceDatagramSocket socket;
    /**
     * Sends what is long: its full send buffer is not the one heartbeats go through. On the same port, where the kernel can divide one, and receives there what is to
     * be read at once: so nobody has to be awake at the moment when a routine heartbeat comes. Else on any port.
     */
    private @Nullable DeviceDatagramSocket bulk;

    private boolean divided;
    private @Nullable Roster listenedTo;
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
        try {
            // a group that is listened to no more is heard until the socket is opened anew, which does no harm
            for (Medium.Mcast group : changed.groups()) {
                if (!known.contains(group)) {
                    join(socket, group);
                    join(bulk, group);
                }
            }
        } catch (LinuxException e) {
            fails(e.getMessage());
            close();
        }
    }

    /** Of which nodes datagrams are received from now on; where the kernel can't tell, of all. */
    void filter(Roster roster) {
        listenedTo = roster;
        attachFilters();
    }

    private void attachFilters() {
        Roster roster = listenedTo;
        if (roster != null) {
            attach(socket, roster, divided ? Part.ROUTINE : Part.ALL);
            if (divided) {
                attach(bulk, roster, Part.NEWS);
            }
        }
    }

    private void attach(@Nullable DeviceDatagramSocket open, Roster roster, Part part) {
        if (open != null) {
            try {
                open.filter(DatagramFilter.of(roster, part));
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

    /** What routine heartbeats come to, if they have a socket of their own. */
    Optional<DeviceDatagramSocket> routine() {
        return divided ? Optional.ofNullable(socket) : Optional.empty();
    }

    /** What everything else comes to. */
    Optional<DeviceDatagramSocket> news() {
        return Optional.ofNullable(divided ? bulk : socket);
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
        openDatagramSockets();
        try {
            for (Medium.Mcast group : spec.groups()) {
                join(socket, group);
                join(bulk, group); // sends to groups as the other socket does
            }
        } catch (LinuxException e) {
            closeDatagramSockets();
            throw e;
        }
        prefer(socket, FIRST);
        prefer(bulk, LAST);
        attachFilters();
        findOwnAddresses(nowNanos);
    }

    private void openDatagramSockets() {
        try {
            List<DeviceDatagramSocket> pair =
                    DeviceDatagramSocket.openDivided(spec.link(), spec.family(), spec.port(), DatagramFilter.chooser());
            socket = pair.getFirst();
            bulk = pair.getLast();
            divided = true;
        } catch (LinuxException e) {
            if (!e.errno().equals(Errno.ENOPROTOOPT)) {
                throw e;
            }
            LOG.log(Level.DEBUG, "path {0}: {1}; one socket has to do", link(), e.getMessage());
            divided = false;
            socket = DeviceDatagramSocket.open(spec.link(), spec.family(), spec.port());
            bulk = openBulk();
        }
    }

    private static void join(@Nullable DeviceDatagramSocket open, Medium.Mcast group) {
        if (open != null) {
            open.join(group.group(), group.ttl(), group.loop());
        }
    }

    private static void prefer(@Nullable DeviceDatagramSocket open, int priority) {
        if (open != null) {
            try {
                open.priority(priority);
            } catch (LinuxException e) {
                LOG.log(Level.DEBUG, "priority {0}: {1}", priority, e.getMessage());
            }
        }
    }

    /** Null where it can't be had; then everything goes through one socket. */
    private @Nullable DeviceDatagramSocket openBulk() {
        try {
            return DeviceDatagramSocket.open(spec.link(), spec.family(), 0);
        } catch (LinuxException e) {
            LOG.log(Level.DEBUG, "path {0}: {1}", link(), e.getMessage());
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
        closeDatagramSockets();
        listener().ifPresent(DeviceStreamListener::close);
        listener = null;
    }

    private void closeDatagramSockets() {
        Optional.ofNullable(socket).ifPresent(DeviceDatagramSocket::close);
        Optional.ofNullable(bulk).ifPresent(DeviceDatagramSocket::close);
        socket = null;
        bulk = null;
    }
}
