package org.halvs.ha.membership.path;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** Messages on their way to the thread {@code paths}. Thread-safe. */
final class Outbox {
    private static final int MOST_WAITING = 256;
    private static final long LONGEST_WAIT_MILLIS = 100;

    private static final class Message {
        final long to;
        final byte[] bytes;

        Message(long to, byte[] bytes) {
            this.to = to;
            this.bytes = bytes;
        }
    }

    private final BlockingQueue<Message> waiting = new ArrayBlockingQueue<>(MOST_WAITING);

    /**
     * Waits for a moment when more is sent than goes out; what is too much then is dropped, as a network does.
     *
     * @param to a node's key; 0 for all
     * @return whether it was taken
     */
    boolean put(long to, byte[] bytes) {
        Message message = new Message(to, bytes);
        try {
            return waiting.offer(message) || waiting.offer(message, LONGEST_WAIT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Sends the oldest of them. */
    void send(HeartbeatSender sender, int most) {
        for (int i = 0; i < most; i++) {
            Message next = waiting.poll();
            if (next == null) {
                return;
            }
            sender.message(next.to, next.bytes);
        }
    }
}
