package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/** {@link NetworkMonitor} by the multicast groups of {@code rtnetlink(7)}. */
final class LinuxNetworkMonitor implements NetworkMonitor {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int RECEIVE_BYTES = 64 * 1024;

    /** {@code RTNLGRP_IPV6_RULE}, which has no {@code RTMGRP_} name. */
    private static final int RTMGRP_IPV6_RULE = 1 << 18;

    /** {@code RTNLGRP_IPV4_NETCONF} and {@code RTNLGRP_IPV6_NETCONF}, since Linux 3.8; they have no such name either. */
    private static final int RTMGRP_NETCONF = 1 << 23 | 1 << 24;

    private static final int NEW_LINK = 16;
    private static final int REMOVED_ADDRESS = 21;

    // linux/if_link.h: IFLA_EVENT and two of its values
    private static final int LINK_BYTES = 16;
    private static final int LINK_EVENT = 44;
    private static final int BONDING_FAILOVER = 3;
    private static final int NOTIFY_PEERS = 4;

    private final Set<NetworkChange.Kind> watched;
    private final Descriptor socket;
    private final Descriptor wakeup = Descriptor.wakeup();
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(RECEIVE_BYTES);

    /** Held while a thread waits: the descriptors are closed only when nobody waits on them. */
    private final ReentrantLock waiting = new ReentrantLock();

    private volatile boolean closed;

    private LinuxNetworkMonitor(Set<NetworkChange.Kind> watched, Descriptor socket) {
        this.watched = watched;
        this.socket = socket;
    }

    static LinuxNetworkMonitor open(NetworkChange.Kind... kinds) {
        Descriptor socket = Descriptor.socket(AF_NETLINK, SOCK_RAW, NetlinkSocket.ROUTE, "network monitor");
        try (Arena arena = Arena.ofConfined()) {
            EnumSet<NetworkChange.Kind> watched = EnumSet.copyOf(Arrays.asList(kinds));
            int groups = 0;
            for (NetworkChange.Kind kind : watched) {
                groups |= groups(kind);
            }
            socket.bind(NetlinkSocket.socketAddress(arena, groups));
            return new LinuxNetworkMonitor(watched, socket);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** The {@code RTMGRP_} bits of {@code linux/rtnetlink.h}, of IPv4 and IPv6. */
    private static int groups(NetworkChange.Kind kind) {
        return switch (kind) {
            case LINKS -> 0x1;
            case NEIGHBOURS -> 0x4;
            case ADDRESSES -> 0x10 | 0x100;
            case ROUTES -> 0x40 | 0x400 | 0x80 | RTMGRP_IPV6_RULE;
            case FORWARDING -> RTMGRP_NETCONF;
        };
    }

    @Override
    public Optional<NetworkChange> next() {
        Libc.requirePlatformThread("NetworkMonitor.next");
        waiting.lock();
        try {
            while (!closed) {
                if (Descriptor.awaitReadable(-1, socket, wakeup) && !closed) {
                    Optional<NetworkChange> change = pending();
                    if (change.isPresent()) {
                        return change;
                    }
                }
            }
            return Optional.empty();
        } finally {
            waiting.unlock();
        }
    }

    /** Reads all notifications that are there. */
    private Optional<NetworkChange> pending() {
        EnumSet<NetworkChange.Kind> changed = EnumSet.noneOf(NetworkChange.Kind.class);
        List<NetworkChange.Removal> removals = new ArrayList<>();
        Set<Integer> moved = new LinkedHashSet<>();
        boolean lost = false;
        while (true) {
            int length;
            try {
                length = socket.receive(buffer);
            } catch (LinuxException e) {
                if (!e.errno().equals(Errno.ENOBUFS)) {
                    throw e;
                }
                lost = true;
                continue;
            }
            if (length < 0) {
                break;
            }
            for (NetlinkMessage message :
                    NetlinkMessage.split(buffer.asSlice(0, length).asByteBuffer())) {
                kind(message.type()).ifPresent(changed::add);
                switch (message.type()) {
                    case NEW_LINK -> movedLink(message).ifPresent(moved::add);
                    case REMOVED_ADDRESS ->
                        RtnetlinkMessages.address(message)
                                .map(address ->
                                        new NetworkChange.Removal(address, Integer.toUnsignedLong(message.port())))
                                .ifPresent(removals::add);
                    default -> {}
                }
            }
        }
        if (lost) {
            return Optional.of(new NetworkChange(watched, true, removals, moved));
        }
        return changed.isEmpty() ? Optional.empty() : Optional.of(new NetworkChange(changed, false, removals, moved));
    }

    /** The interface of a {@code struct ifinfomsg} when the message is there because its neighbours should be told. */
    private static Optional<Integer> movedLink(NetlinkMessage message) {
        OptionalInt event = message.attributes(LINK_BYTES).u32(LINK_EVENT);
        return event.isPresent() && (event.getAsInt() == BONDING_FAILOVER || event.getAsInt() == NOTIFY_PEERS)
                ? Optional.of(message.payload().getInt(4))
                : Optional.empty();
    }

    /** The table a notification is about: {@code RTM_NEWLINK} 16 to {@code RTM_DELNETCONF} 81 come in blocks of four. */
    private static Optional<NetworkChange.Kind> kind(int messageType) {
        return switch (messageType) {
            case 16, 17 -> Optional.of(NetworkChange.Kind.LINKS);
            case 20, 21 -> Optional.of(NetworkChange.Kind.ADDRESSES);
            case 24, 25, 32, 33 -> Optional.of(NetworkChange.Kind.ROUTES);
            case 28, 29 -> Optional.of(NetworkChange.Kind.NEIGHBOURS);
            case 80, 81 -> Optional.of(NetworkChange.Kind.FORWARDING);
            default -> Optional.empty();
        };
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        wakeup.signal();
        waiting.lock();
        try {
            if (arena.scope().isAlive()) {
                socket.close();
                wakeup.close();
                arena.close();
            }
        } finally {
            waiting.unlock();
        }
    }
}
