package org.halvs.lab;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.halvs.linux.NetworkNamespace;

/**
 * A steady stream of requests from a host: one begins every {@code intervalMillis}, however long the others take, as long as a client thread
 * is free.
 */
public final class RequestStream implements AutoCloseable {
    /** Enough that two hundred requests a second go on while those of two whole seconds wait for their time-out. */
    private static final int CLIENTS = 400;

    /** A user waits about this long before he notices; the figure decides what counts as a failed request. */
    private static final int TIMEOUT_MILLIS = 2000;

    private final ConcurrentLinkedQueue<Request> requests = new ConcurrentLinkedQueue<>();
    private final List<Thread> clients = new ArrayList<>();
    private final NetworkNamespace namespace;
    private volatile boolean closing;

    /**
     * Starts the stream.
     *
     * @param sources the addresses the clients have, used in turn
     */
    public RequestStream(Host from, List<InetAddress> sources, InetAddress address, int port, int intervalMillis) {
        namespace = NetworkNamespace.open(from.namespace());
        AtomicLong count = new AtomicLong();
        long begin = System.nanoTime();
        for (int i = 0; i < CLIENTS; i++) {
            Thread client = Thread.ofPlatform().name("client-" + i).daemon().start(() -> {
                namespace.enter();
                while (!closing) {
                    long number = count.getAndIncrement();
                    long due = begin + number * intervalMillis * 1_000_000L;
                    for (long wait; !closing && (wait = due - System.nanoTime()) > 0; ) {
                        LockSupport.parkNanos(wait);
                    }
                    if (!closing) {
                        InetAddress source = sources.get((int) (number % sources.size()));
                        requests.add(Request.get(source, address, port, TIMEOUT_MILLIS));
                    }
                }
            });
            clients.add(client);
        }
    }

    /** All requests that have ended so far, in the order in which they began. */
    public List<Request> requests() {
        return requests.stream()
                .sorted(Comparator.comparingLong(Request::startedNanos))
                .toList();
    }

    /** The requests begun since {@code nanos} that have ended. */
    public List<Request> since(long nanos) {
        return requests().stream().filter(r -> r.startedNanos() - nanos >= 0).toList();
    }

    /**
     * The longest time without an answer being completed, in milliseconds, looking only at answers after {@code sinceNanos}: what a user
     * would call the outage.
     */
    public double longestGapMillis(long sinceNanos) {
        List<Long> completions = requests().stream()
                .filter(Request::answered)
                .map(r -> r.startedNanos() + r.tookNanos())
                .filter(done -> done - sinceNanos >= 0)
                .sorted()
                .toList();
        long longest = 0;
        long previous = sinceNanos;
        for (long done : completions) {
            longest = Math.max(longest, done - previous);
            previous = done;
        }
        return longest / 1e6;
    }

    /** Ends the stream and waits for the requests under way. */
    @Override
    public void close() {
        closing = true;
        clients.forEach(LockSupport::unpark);
        for (Thread client : clients) {
            try {
                client.join(TIMEOUT_MILLIS + 1000L);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        namespace.close();
    }
}
