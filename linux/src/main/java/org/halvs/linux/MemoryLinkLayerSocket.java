package org.halvs.linux;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@link LinkLayerSocket} without a network: records what is sent, receives what it is given. Thread-safe. */
public final class MemoryLinkLayerSocket implements LinkLayerSocket {
    private final List<Frame> sent = new ArrayList<>();
    private final Deque<Frame> arriving = new ArrayDeque<>();
    private final Set<Integer> broken = new LinkedHashSet<>();

    /** Makes sending on an interface fail with {@code ENETDOWN} from now on. */
    public synchronized void breakLink(int linkIndex) {
        broken.add(linkIndex);
    }

    /** Everything sent so far, in order. */
    public synchronized List<Frame> sent() {
        return List.copyOf(sent);
    }

    /** Forgets what was sent. */
    public synchronized void clear() {
        sent.clear();
    }

    /** Puts a frame where {@link #receive} finds it. */
    public synchronized void arrive(int linkIndex, byte[] frame) {
        arriving.add(new Frame(linkIndex, frame));
    }

    @Override
    public synchronized void send(int linkIndex, byte[] frame) {
        if (broken.contains(linkIndex)) {
            throw new LinuxException("sendto", Errno.ENETDOWN, "interface " + linkIndex);
        }
        sent.add(new Frame(linkIndex, frame));
    }

    /** The next of the frames given; never waits. */
    @Override
    public synchronized Optional<Frame> receive(int timeoutMillis) {
        return Optional.ofNullable(arriving.poll());
    }

    @Override
    public void endReceiving() {} // never waits

    @Override
    public void close() {}
}
