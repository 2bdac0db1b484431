package org.halvs.ha.membership.path;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.halvs.linux.SocketPoll;
import org.jspecify.annotations.Nullable;

/** What the rest of the daemon wants of the thread {@code paths}, whichever {@link PathLoop} that runs at the moment. Thread-safe. */
final class PathRequests {
    /** Wakes the thread; everything else of it is that thread's. */
    final SocketPoll poll = new SocketPoll();

    final Outbox outbox = new Outbox();
    private final AtomicReference<@Nullable PathChange> change = new AtomicReference<>();
    private volatile Standing standing = new Standing(Optional.empty(), 0);
    private volatile boolean closed;

    /** Sends to one node, or to all, on every path. */
    void send(long to, byte[] bytes) {
        if (outbox.put(to, bytes)) {
            poll.wake();
        }
    }

    /** What the peers are to know of this node from now on. */
    void standing(Optional<GroupView> view, boolean leaving) {
        standing = new Standing(view, leaving ? Heartbeat.LEAVING : 0);
        poll.wake();
    }

    Standing standing() {
        return standing;
    }

    /** Other nodes, paths or times hold from now on. */
    void change(PathChange wanted) {
        change.set(wanted);
        poll.wake();
    }

    boolean hasChange() {
        return change.get() != null;
    }

    Optional<PathChange> takeChange() {
        return Optional.ofNullable(change.getAndSet(null));
    }

    /** Says goodbye and ends the thread. */
    void end() {
        closed = true;
        poll.wake();
    }

    boolean isClosed() {
        return closed;
    }
}
