package org.halvs.bench.failover;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.halvs.lab.Host;

/** A client that sends a numbered datagram every 5 ms and notes which node answered it, and when it was sent. */
final class Probe implements AutoCloseable {
    static final long INTERVAL_NANOS = 5_000_000;

    /** An answered question; times are of {@link System#nanoTime}. */
    private record Answer(long number, long sentNanos, String node) {}

    private final DatagramChannel channel;
    private final ConcurrentLinkedQueue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final long begin = System.nanoTime();
    private final Thread sender;
    private final Thread receiver;
    private volatile long sent;
    private volatile boolean ending;

    Probe(Host client, String address, int port) {
        try {
            channel = client.call(() -> DatagramChannel.open().bind(null));
        } catch (Exception e) {
            throw new IllegalStateException("can't ask from " + client.name() + ": " + e, e);
        }
        InetSocketAddress target = new InetSocketAddress(address, port);
        sender = Thread.ofPlatform().name("probe-send").daemon().start(() -> ask(target));
        receiver = Thread.ofPlatform().name("probe-receive").daemon().start(this::hear);
    }

    private void ask(InetSocketAddress target) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(Long.BYTES);
        for (long number = 0; !ending; number++) {
            long due = begin + number * INTERVAL_NANOS;
            for (long wait; (wait = due - System.nanoTime()) > 0; ) {
                LockSupport.parkNanos(wait);
            }
            try {
                buffer.clear().putLong(number).flip();
                channel.send(buffer, target);
            } catch (IOException _) {
                // Nobody answers ARP for the address: as good as lost.
            }
            sent = number + 1;
        }
    }

    private void hear() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(256);
        while (channel.isOpen()) {
            try {
                buffer.clear();
                channel.receive(buffer);
                buffer.flip();
                long number = buffer.getLong();
                String node = StandardCharsets.US_ASCII.decode(buffer).toString();
                answers.add(new Answer(number, begin + number * INTERVAL_NANOS, node));
            } catch (ClosedChannelException _) {
                return;
            } catch (IOException _) {
                // An ICMP error for a question nobody answered.
            }
        }
    }

    /**
     * What the client noticed of an event.
     *
     * @param outageMillis the longest time between two answered questions after the event, less the interval; until the end when nothing was
     *     answered any more
     * @param takeoverMillis from the event to the first question answered by the other node; negative when there was none
     * @param lost questions without an answer since the event
     */
    record Notice(double outageMillis, double takeoverMillis, long lost) {}

    /** Ends the asking. Answers what happened since {@code eventNanos}, with {@code other} the node that should have taken over. */
    Notice noticed(long eventNanos, String other) {
        ending = true;
        try {
            sender.join();
            Thread.sleep(100); // the last answers are on their way
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
        List<Answer> all = new ArrayList<>(answers);
        all.sort(java.util.Comparator.comparingLong(Answer::number));
        long end = begin + sent * INTERVAL_NANOS;
        long previous = eventNanos;
        long longest = 0;
        double takeover = -1;
        long answered = 0;
        for (Answer answer : all) {
            if (answer.sentNanos < eventNanos) {
                previous = answer.sentNanos;
                continue;
            }
            answered++;
            longest = Math.max(longest, answer.sentNanos - previous);
            previous = answer.sentNanos;
            if (takeover < 0 && answer.node.equals(other)) {
                takeover = (answer.sentNanos - eventNanos) / 1e6;
            }
        }
        longest = Math.max(longest, end - previous);
        long asked = Math.max(0, (end - eventNanos) / INTERVAL_NANOS);
        return new Notice(Math.max(0, longest - INTERVAL_NANOS) / 1e6, takeover, Math.max(0, asked - answered));
    }

    @Override
    public void close() {
        ending = true;
        try {
            channel.close();
            receiver.join(1000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
