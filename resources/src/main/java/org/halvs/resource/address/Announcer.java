package org.halvs.resource.address;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.halvs.linux.ArpFrame;
import org.halvs.linux.IpAddress;
import org.halvs.linux.LinkLayerSocket;
import org.halvs.linux.LinuxException;
import org.halvs.linux.MacAddress;
import org.halvs.linux.NeighbourAdvertisement;

/**
 * Tells the network where addresses are: gratuitous ARP as request and reply, for IPv6 unsolicited neighbour
 * advertisements, at the times of {@link AnnounceSchedule}. Thread-safe. One thread, {@code arp}, sends; it begins with
 * the first announcement.
 */
public final class Announcer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Announcer.class.getName());
    private static final long COMPLAIN_NANOS = 10_000_000_000L;

    private final LinkLayerSocket socket;
    private final LongAdder framesSent = new LongAdder();
    private final LongAdder framesFailed = new LongAdder();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition planned = lock.newCondition();
    // Everything below is guarded by the lock.
    private final Map<IpAddress, Frames> frames = new LinkedHashMap<>();
    private final AnnounceSchedule schedule;
    private final Thread sender = Thread.ofPlatform().name("arp").daemon(true).unstarted(this::run);
    private long nextComplaintNanos = System.nanoTime();
    private boolean closed;

    /**
     * An address and where it is.
     *
     * @param linkIndex the interface to announce it on
     * @param mac the MAC it has now
     * @param router IPv6: whether this host forwards packets, which the advertisement says about it
     */
    public record Announcement(int linkIndex, MacAddress mac, IpAddress address, boolean router) {}

    private record Frames(int linkIndex, List<byte[]> frames) {}

    /** Announces through {@code socket} as IPaddr2 does. The socket is closed with the announcer. */
    public Announcer(LinkLayerSocket socket) {
        this(socket, AnnounceRounds.DEFAULT);
    }

    /** Announces through {@code socket}. The socket is closed with the announcer. */
    public Announcer(LinkLayerSocket socket, AnnounceRounds rounds) {
        this.socket = socket;
        this.schedule = new AnnounceSchedule(rounds, System.nanoTime());
    }

    /** Begins to announce the addresses, from the first round on also those that are being announced. Does not wait. */
    public void announce(List<Announcement> announcements) {
        if (announcements.isEmpty()) {
            return;
        }
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("closed");
            }
            List<IpAddress> addresses = new ArrayList<>(announcements.size());
            for (Announcement announcement : announcements) {
                frames.put(announcement.address(), new Frames(announcement.linkIndex(), build(announcement)));
                addresses.add(announcement.address());
            }
            schedule.start(addresses, System.nanoTime());
            if (sender.getState() == Thread.State.NEW) {
                sender.start();
            }
            planned.signal();
        } finally {
            lock.unlock();
        }
    }

    private static List<byte[]> build(Announcement announcement) {
        MacAddress mac = announcement.mac();
        IpAddress address = announcement.address();
        return address.isIpv4()
                ? List.of(
                        ArpFrame.gratuitousRequest(mac, address).bytes(),
                        ArpFrame.gratuitousReply(mac, address).bytes())
                : List.of(new NeighbourAdvertisement(mac, address, announcement.router()).bytes());
    }

    /**
     * Begins again with everything that was announced and not cancelled: something happened after which the network may
     * believe otherwise.
     */
    public void announceAgain() {
        lock.lock();
        try {
            schedule.restart(System.nanoTime());
            planned.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Sends one round at once for those of the addresses that are announced here. */
    public void announceOnce(Collection<IpAddress> addresses) {
        lock.lock();
        try {
            if (!closed) {
                addresses.forEach(this::send);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Stops announcing the addresses. When this returns, no further frame of theirs is sent. */
    public void cancel(Collection<IpAddress> addresses) {
        lock.lock();
        try {
            schedule.cancel(addresses);
            addresses.forEach(frames::remove);
        } finally {
            lock.unlock();
        }
    }

    /** Frames handed to the kernel since the start. */
    public long framesSent() {
        return framesSent.sum();
    }

    /** Frames the kernel refused since the start. */
    public long framesFailed() {
        return framesFailed.sum();
    }

    private void run() {
        lock.lock();
        try {
            while (!closed) {
                // Sending does not wait, so it is done under the lock: that is what makes cancel a promise.
                schedule.due(System.nanoTime()).forEach(this::send);
                OptionalLong wait = schedule.waitNanos(System.nanoTime());
                if (wait.isEmpty()) {
                    planned.await();
                } else {
                    // at least a moment, so that others get the lock between two batches
                    long ignored = planned.awaitNanos(Math.max(1_000, wait.getAsLong()));
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private void send(IpAddress address) {
        Frames toSend = frames.get(address);
        if (toSend == null) {
            return;
        }
        for (byte[] frame : toSend.frames()) {
            try {
                socket.send(toSend.linkIndex(), frame);
                framesSent.increment();
            } catch (LinuxException e) {
                framesFailed.increment();
                complain(address, e);
            }
        }
    }

    private void complain(IpAddress address, LinuxException error) {
        long now = System.nanoTime();
        if (now - nextComplaintNanos >= 0) {
            nextComplaintNanos = now + COMPLAIN_NANOS;
            LOG.log(
                    Level.WARNING,
                    "Announcing {0} failed: {1}. It will be tried again; {2} frames failed so far.",
                    address,
                    error.getMessage(),
                    framesFailed.sum());
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            planned.signal();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (true) {
            try {
                sender.join();
                break;
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        socket.close();
    }
}
