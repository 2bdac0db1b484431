package org.halvs.ha.membership.path;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Messages on their way to the thread {@code paths}. Long ones are parts of something large, connections of a busy director above all: they have a queue of their
 * own, wait for the short ones, and only few of them go out before the thread looks after its heartbeats again. Thread-safe.
 */
final class Outbox {
    private static final int MOST_WAITING = 256;
    /** Longer messages do not fit into one packet of an Ethernet. */
    private static final int SHORT_BYTES = 1_200;
    /** Of each kind before heartbeats are looked after again. A long message takes some 20 µs to sign and send on a path. */
    private static final int MOST_SHORT = 32;

    private static final int MOST_LONG = 4;
    private static final long LONGEST_WAIT_MILLIS = 100;

    private static final class Message {
        final long to;
        final byte[] bytes;

        Message(long to, byte[] bytes) {
            this.to = to;
            this.bytes = bytes;
        }
    }

    private final BlockingQueue<Message> brief = new ArrayBlockingQueue<>(MOST_WAITING);
    private final BlockingQueue<Message> bulk = new ArrayBlockingQueue<>(MOST_WAITING);

    /** Whether it is one of those that wait for the others. */
    static boolean isLong(byte[] bytes) {
        return bytes.length > SHORT_BYTES;
    }

    /**
     * Waits for a moment when more is sent than goes out; what is too much then is dropped, as a network does.
     *
     * @param to a node's key; 0 for all
     * @return whether it was taken
     */
    boolean put(long to, byte[] bytes) {
        Message message = new Message(to, bytes);
        BlockingQueue<Message> waiting = isLong(bytes) ? bulk : brief;
        try {
            return waiting.offer(message) || waiting.offer(message, LONGEST_WAIT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    boolean isEmpty() {
        return brief.isEmpty() && bulk.isEmpty();
    }

    /** Sends the oldest of them. */
    void send(HeartbeatSender sender) {
        send(brief, MOST_SHORT, sender);
        send(bulk, MOST_LONG, sender);
    }

    private static void send(BlockingQueue<Message> waiting, int most, HeartbeatSender sender) {
        for (int i = 0; i < most; i++) {
            Message next = waiting.poll();
            if (next == null) {
                return;
            }
            sender.message(next.to, next.bytes);
        }
    }
}
