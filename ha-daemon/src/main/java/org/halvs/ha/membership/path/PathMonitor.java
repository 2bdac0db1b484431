package org.halvs.ha.membership.path;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Decides from heartbeats which peer is heard on which path: a path is down when a peer was not heard on it for deadtime, a peer is silent when it was heard
 * on none. The deadtime that counts is the one the peer states, as in heartbeat. Pure: times are nanoseconds of one clock, given by the caller. Confined to
 * one thread, but for {@link #isUp} and {@link #lastHeardNanos}.
 */
final class PathMonitor {
    /** Hears what changes. Peers and paths by number. */
    interface Observer {
        void linkUp(int peer, int path);

        void linkDown(int peer, int path);

        /** A heartbeat came later than warntime after the one before it. */
        void late(int peer, long intervalNanos, long deadtimeNanos);

        /** Nothing was heard of the peer on any path for most of its deadtime: it may be about to be silent. */
        void overdue(int peer);

        /** Nothing was heard of the peer on any path for deadtime. */
        void silent(int peer);

        /** The peer is heard and says that it does not hear this node, or that it does again. */
        void oneWay(int peer, boolean notHeard);
    }

    /** Nothing is due. */
    static final long NEVER = Long.MAX_VALUE;

    /** So long before its deadtime a peer is overdue, but not before half of it: what a claim check takes, and a little more. */
    static final long OVERDUE_NANOS = 40_000_000L;

    private static final int NEVER_UP = 0;
    private static final int UP = 1;
    private static final int DOWN = 2;

    private static final long LONGEST_DEADTIME_NANOS = 3_600_000_000_000L;

    private final int paths;
    private final long warntimeNanos;
    private final long deadtimeNanos;
    private final Observer observer;
    private final Peer[] peers;
    private final AtomicLongArray lastHeard;
    private final AtomicIntegerArray up;

    private static final class Peer {
        long deadtimeNanos;
        long lastHeardNanos;
        boolean heard;
        boolean overdue;
        boolean saysItHears;
        boolean hearsUs;
        boolean oneWay;
        long deafSinceNanos;

        long overdueAfterNanos() {
            return Math.max(deadtimeNanos / 2, deadtimeNanos - OVERDUE_NANOS);
        }
    }

    PathMonitor(int peerCount, int paths, long warntimeNanos, long deadtimeNanos, long startNanos, Observer observer) {
        this.paths = paths;
        this.warntimeNanos = warntimeNanos;
        this.deadtimeNanos = deadtimeNanos;
        this.observer = observer;
        peers = new Peer[peerCount];
        Arrays.setAll(peers, _ -> new Peer());
        lastHeard = new AtomicLongArray(peerCount * paths);
        up = new AtomicIntegerArray(peerCount * paths);
        for (int i = 0; i < lastHeard.length(); i++) {
            lastHeard.set(i, startNanos);
        }
    }

    /**
     * Takes over what another monitor knows.
     *
     * @param formerPeers for each peer its number there, negative for a new one
     * @param formerPaths likewise for each path
     */
    void inherit(PathMonitor former, int[] formerPeers, int[] formerPaths) {
        for (int number = 0; number < peers.length; number++) {
            if (formerPeers[number] >= 0) {
                peers[number] = former.peers[formerPeers[number]];
                for (int path = 0; path < paths; path++) {
                    if (formerPaths[path] >= 0) {
                        int slot = former.slot(formerPeers[number], formerPaths[path]);
                        lastHeard.set(slot(number, path), former.lastHeard.get(slot));
                        up.set(slot(number, path), former.up.get(slot));
                    }
                }
            }
        }
    }

    /**
     * A heartbeat came.
     *
     * @param statedDeadtimeNanos what the peer says is its deadtime; 0 or less when it says nothing
     * @param hearsUs whether it says that it hears this life of this node
     * @param nowNanos when it came; what came before it on another path may be told of later
     */
    void heard(int number, int path, long statedDeadtimeNanos, boolean hearsUs, long nowNanos) {
        Peer peer = peers[number];
        peer.deadtimeNanos =
                statedDeadtimeNanos > 0 ? Math.min(statedDeadtimeNanos, LONGEST_DEADTIME_NANOS) : deadtimeNanos;
        if (peer.heard) {
            long interval = nowNanos - peer.lastHeardNanos;
            if (interval > warntimeNanos) {
                observer.late(number, interval, peer.deadtimeNanos);
            }
        } else {
            peer.heard = true;
            peer.hearsUs = false;
            peer.deafSinceNanos = nowNanos;
        }
        peer.lastHeardNanos = Math.max(peer.lastHeardNanos, nowNanos);
        peer.overdue = false;
        lastHeard.accumulateAndGet(slot(number, path), nowNanos, Math::max);
        if (up.getAndSet(slot(number, path), UP) != UP) {
            observer.linkUp(number, path);
        }
        peer.saysItHears = hearsUs;
    }

    /** A peer that never heard this node has deadtime to do so; one that did says that it does not only after its own deadtime. */
    private void hearing(int number, Peer peer, long nowNanos) {
        if (peer.saysItHears) {
            peer.hearsUs = true;
            if (peer.oneWay) {
                peer.oneWay = false;
                observer.oneWay(number, false);
            }
            return;
        }
        if (peer.hearsUs) {
            peer.hearsUs = false;
            peer.deafSinceNanos = nowNanos - peer.deadtimeNanos;
        }
        if (!peer.oneWay && nowNanos - peer.deafSinceNanos >= peer.deadtimeNanos) {
            peer.oneWay = true;
            observer.oneWay(number, true);
        }
    }

    /** The peer has begun a new life: it has not had the time to hear this node yet. */
    void restarted(int number, long nowNanos) {
        Peer peer = peers[number];
        peer.saysItHears = false;
        peer.hearsUs = false;
        peer.oneWay = false;
        peer.deafSinceNanos = nowNanos;
    }

    /** The peer has ended or left: its silence is no news. Its links are down. */
    void gone(int number) {
        peers[number].heard = false;
        peers[number].oneWay = false;
        for (int path = 0; path < paths; path++) {
            lower(number, path);
        }
    }

    /** This node itself did not run for a while: whatever the peers sent then is in the sockets or lost, and is not counted against them. */
    void slept(long gapNanos, long nowNanos) {
        for (int number = 0; number < peers.length; number++) {
            Peer peer = peers[number];
            peer.lastHeardNanos = Math.min(nowNanos, peer.lastHeardNanos + gapNanos);
            peer.deafSinceNanos = Math.min(nowNanos, peer.deafSinceNanos + gapNanos);
            for (int path = 0; path < paths; path++) {
                int slot = slot(number, path);
                lastHeard.set(slot, Math.min(nowNanos, lastHeard.get(slot) + gapNanos));
            }
        }
    }

    /** Looks whose time is over. To be called after everything that came in was given to {@link #heard}. */
    void tick(long nowNanos) {
        for (int number = 0; number < peers.length; number++) {
            Peer peer = peers[number];
            if (!peer.heard) {
                continue;
            }
            for (int path = 0; path < paths; path++) {
                if (nowNanos - lastHeard.get(slot(number, path)) >= peer.deadtimeNanos) {
                    lower(number, path);
                }
            }
            if (nowNanos - peer.lastHeardNanos >= peer.deadtimeNanos) {
                peer.heard = false;
                peer.oneWay = false;
                observer.silent(number);
                continue;
            }
            if (!peer.overdue && nowNanos - peer.lastHeardNanos >= peer.overdueAfterNanos()) {
                peer.overdue = true;
                observer.overdue(number);
            }
            hearing(number, peer, nowNanos);
        }
    }

    /** A peer is not heard on a path any more, and the observer is told if it was. */
    void lower(int number, int path) {
        if (up.compareAndSet(slot(number, path), UP, DOWN)) {
            observer.linkDown(number, path);
        }
    }

    /** When {@link #tick} may have something to say next; {@link #NEVER} when nobody is heard. */
    long nextDueNanos() {
        long next = NEVER;
        for (int number = 0; number < peers.length; number++) {
            Peer peer = peers[number];
            if (peer.heard && !peer.overdue) {
                next = Math.min(next, peer.lastHeardNanos + peer.overdueAfterNanos());
            }
            for (int path = 0; path < paths && peer.heard; path++) {
                if (isUp(number, path)) {
                    next = Math.min(next, lastHeard.get(slot(number, path)) + peer.deadtimeNanos);
                }
            }
        }
        return next;
    }

    /** Whether anybody is overdue and not silent yet. */
    boolean isAnybodyOverdue() {
        for (Peer peer : peers) {
            if (peer.heard && peer.overdue) {
                return true;
            }
        }
        return false;
    }

    /** When the only peer that is heard was heard last, on whichever path; {@link #NEVER} when none is heard or several are. */
    long onlyPeerHeardNanos() {
        long last = NEVER;
        for (Peer peer : peers) {
            if (peer.heard) {
                if (last != NEVER) {
                    return NEVER;
                }
                last = peer.lastHeardNanos;
            }
        }
        return last;
    }

    /** Whether the peer is heard on any path. */
    boolean isHeard(int number) {
        return peers[number].heard;
    }

    /** Whether the peer is heard on that path. */
    boolean isUp(int number, int path) {
        return up.get(slot(number, path)) == UP;
    }

    /** Whether the peer was ever heard on that path. */
    boolean wasHeard(int number, int path) {
        return up.get(slot(number, path)) != NEVER_UP;
    }

    /** When the peer was heard on that path, plus the time this node itself did not run since; the start when it never was. */
    long lastHeardNanos(int number, int path) {
        return lastHeard.get(slot(number, path));
    }

    private int slot(int number, int path) {
        return number * paths + path;
    }
}
