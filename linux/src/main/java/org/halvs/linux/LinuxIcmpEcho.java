package org.halvs.linux;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * {@link IcmpEcho} by two raw sockets that one thread, {@code icmp}, owns. Callers hand it requests through a queue and
 * wait for a future.
 */
final class LinuxIcmpEcho implements IcmpEcho {

    /** Requests sent between two looks at the answers. */
    private static final int SEND_BATCH = 64;

    private final IcmpSocket ipv4;
    private final IcmpSocket ipv6;
    private final Descriptor wakeup = Descriptor.wakeup();
    private final ConcurrentLinkedQueue<Ping> requests = new ConcurrentLinkedQueue<>();
    private final AtomicLong nextToken = new AtomicLong(System.nanoTime());
    private final int identifier = (int) ProcessHandle.current().pid() & 0xffff;
    private final Thread reader = Thread.ofPlatform().name("icmp").daemon(true).unstarted(this::run);
    private volatile boolean closed;
    private boolean started; // guarded by this
    private boolean released; // guarded by this

    // Confined to the reader.
    private final Map<Long, Ping> pending = new HashMap<>();
    private final PriorityQueue<Ping> deadlines =
            new PriorityQueue<>((a, b) -> Long.signum(a.deadlineNanos - b.deadlineNanos));

    private LinuxIcmpEcho(IcmpSocket ipv4, IcmpSocket ipv6) {
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
    }

    static LinuxIcmpEcho open() {
        IcmpSocket ipv4 = IcmpSocket.open(IpAddress.Family.IPV4);
        try {
            return new LinuxIcmpEcho(ipv4, IcmpSocket.open(IpAddress.Family.IPV6));
        } catch (RuntimeException e) {
            ipv4.close();
            throw e;
        }
    }

    private record Ping(
            IpAddress target, long token, long startNanos, long deadlineNanos, CompletableFuture<EchoResult> result) {

        Duration timeout() {
            return Duration.ofNanos(deadlineNanos - startNanos);
        }
    }

    @Override
    public EchoResult ping(IpAddress target, Duration timeout) throws InterruptedException {
        long now = System.nanoTime();
        Ping ping =
                new Ping(target, nextToken.getAndIncrement(), now, now + timeout.toNanos(), new CompletableFuture<>());
        requests.add(ping);
        wake();
        try {
            return ping.result.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("ping " + target, e.getCause());
        }
    }

    private synchronized void wake() {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        if (!started) {
            started = true;
            reader.start();
        }
        wakeup.signal();
    }

    private void run() {
        try {
            while (!closed) {
                Descriptor.awaitReadable(waitMillis(), wakeup, ipv4.descriptor(), ipv6.descriptor());
                wakeup.drain();
                boolean moreToSend;
                do {
                    moreToSend = sendSome();
                    receiveAll(ipv4);
                    receiveAll(ipv6);
                    expire(System.nanoTime());
                } while (moreToSend && !closed);
            }
        } catch (RuntimeException e) {
            closed = true;
            abandon(e);
        }
    }

    /** Until the first deadline, rounded up; for ever when nobody waits. */
    private int waitMillis() {
        while (!deadlines.isEmpty() && deadlines.element().result.isDone()) {
            deadlines.remove();
        }
        if (deadlines.isEmpty()) {
            return -1;
        }
        long left = deadlines.element().deadlineNanos - System.nanoTime();
        return Math.clamp((left + 999_999) / 1_000_000, 0, Integer.MAX_VALUE);
    }

    /** Answers whether requests are left. */
    private boolean sendSome() {
        for (int i = 0; i < SEND_BATCH; i++) {
            Ping ping = requests.poll();
            if (ping == null) {
                return false;
            }
            try {
                IcmpSocket socket = ping.target.isIpv4() ? ipv4 : ipv6;
                socket.send(packet(ping.token), ping.target);
                pending.put(ping.token, ping);
                deadlines.add(ping);
            } catch (LinuxException e) {
                ping.result.complete(new EchoResult.NotSent(e));
            }
        }
        return true;
    }

    private EchoPacket packet(long token) {
        return new EchoPacket(identifier, (int) token & 0xffff, token);
    }

    private void receiveAll(IcmpSocket socket) {
        while (true) {
            IcmpSocket.Received received;
            try {
                received = socket.receive();
            } catch (LinuxException _) {
                return; // an error the network reported for an earlier request; that one times out
            }
            if (!received.any()) {
                return;
            }
            received.reply().ifPresent(this::answer);
        }
    }

    private void answer(IcmpSocket.Reply reply) {
        long token = reply.packet().token();
        Ping ping = pending.get(token);
        if (ping != null && ping.target.equals(reply.from()) && reply.packet().equals(packet(token))) {
            pending.remove(token);
            ping.result.complete(new EchoResult.Answered(Duration.ofNanos(System.nanoTime() - ping.startNanos)));
        }
    }

    private void expire(long nowNanos) {
        while (!deadlines.isEmpty() && deadlines.element().deadlineNanos - nowNanos <= 0) {
            Ping ping = deadlines.remove();
            pending.remove(ping.token);
            ping.result.complete(new EchoResult.Silent(ping.timeout()));
        }
    }

    private void abandon(Throwable reason) {
        pending.values().forEach(ping -> ping.result.completeExceptionally(reason));
        for (Ping ping = requests.poll(); ping != null; ping = requests.poll()) {
            ping.result.completeExceptionally(reason);
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            if (released) {
                return;
            }
            released = true;
            closed = true;
            wakeup.signal();
        }
        awaitEndOfReader();
        abandon(new IllegalStateException("closed"));
        ipv4.close();
        ipv6.close();
        wakeup.close();
    }

    /** The sockets may not be closed under a thread that waits on them, so an interrupt is only remembered. */
    private void awaitEndOfReader() {
        boolean interrupted = false;
        while (true) {
            try {
                reader.join();
                break;
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
