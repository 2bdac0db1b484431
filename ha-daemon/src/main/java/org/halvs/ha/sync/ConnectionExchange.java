package org.halvs.ha.sync;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.halvs.ipvs.sync.SyncPort;
import org.jspecify.annotations.Nullable;

/**
 * Carries connections between this node and the others, on a thread of its own named {@code conn-sync}. Thread-safe: every method but
 * {@link #awaitCopies} returns at once.
 */
public final class ConnectionExchange implements AutoCloseable {
    private static final Logger LOG = System.getLogger(ConnectionExchange.class.getName());

    /** A node that has just come is given so long to ask for its copy. */
    private static final long ASKING_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** The thread never runs more often than this by its timers. */
    private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    /** How far apart the nodes' views may come. */
    private static final long VIEW_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** After a cut has healed, whoever has to give up something gives it up soon, copied or not. */
    private static final long MERGED_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final long YIELD_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
    /** The status is made anew so often while there is nothing to do. */
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String localNode;
    private final long incarnation;
    private final SyncPort port;
    private final BiConsumer<String, byte[]> channel;
    private final Queue<Runnable> events = new ConcurrentLinkedQueue<>();
    private final Thread thread;

    // Confined to the thread.
    private final Map<String, Peer> peers = new LinkedHashMap<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private long streams;
    private boolean sending;
    private long mergedNanos = now() - MERGED_NANOS;

    private volatile SyncStatus status;
    private volatile boolean closing;

    /** Another node of the view. */
    private static final class Peer {
        final String node;
        final long cameNanos;
        final IncomingStream in = new IncomingStream();

        @Nullable
        OutgoingStream out;

        long incarnation = -1;
        /** False for one whose view is ahead of this node's, and for one whose last words came late. */
        boolean inView;

        Peer(String node, long cameNanos) {
            this.node = node;
            this.cameNanos = cameNanos;
        }

        /** Whether everything it needs to go on with this node's connections is there, or it wants none. */
        boolean isReady(long nowNanos) {
            OutgoingStream stream = out;
            return stream == null ? nowNanos - cameNanos >= ASKING_NANOS : stream.isCopied();
        }
    }

    private record Waiting(CompletableFuture<Void> done, long sinceNanos, long untilNanos) {}

    /**
     * Starts the thread.
     *
     * @param incarnation which life of the node this is, greater than in every earlier one
     * @param channel sends a message to a node; may wait a moment, never for an answer
     */
    public ConnectionExchange(String localNode, long incarnation, SyncPort port, BiConsumer<String, byte[]> channel) {
        this.localNode = localNode;
        this.incarnation = incarnation;
        this.port = port;
        this.channel = channel;
        this.status = new SyncStatus(true, List.of(), port.counters());
        port.whenReady(this::wake);
        thread = Thread.ofPlatform().name("conn-sync").daemon(true).start(this::run);
    }

    /** The members changed. */
    public void onView(List<String> members, boolean merge) {
        enqueue(() -> viewed(members, merge));
    }

    /** Another node said something. */
    public void onMessage(String node, byte[] message) {
        enqueue(() -> SyncMessage.decode(message).ifPresent(decoded -> heard(node, decoded)));
    }

    /**
     * Waits until every other node has its full copy of the connections served here, so that they can go on there; at most so long. A node that
     * asks for none is not waited for.
     */
    public void awaitCopies(Duration limit) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        enqueue(() -> waiting.add(new Waiting(done, now(), now() + limit.toNanos())));
        try {
            done.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException _) {
            LOG.log(
                    Level.WARNING,
                    "another node has not all connections after {0} ms; it goes on without them",
                    limit.toMillis());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** As of a moment ago. */
    public SyncStatus status() {
        return status;
    }

    private void enqueue(Runnable event) {
        events.add(event);
        wake();
    }

    private void wake() {
        LockSupport.unpark(thread);
    }

    private static long now() {
        return System.nanoTime();
    }

    // ---- the thread ----

    private void run() {
        while (!closing) {
            try {
                for (Runnable event = events.poll(); event != null; event = events.poll()) {
                    event.run();
                }
                long wake = step(now());
                status = snapshot();
                if (events.isEmpty()) {
                    LockSupport.parkNanos(this, Math.clamp(wake - now(), SHORTEST_NANOS, IDLE_NANOS));
                }
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "connections could not be exchanged, to be tried again", e);
                LockSupport.parkNanos(this, IDLE_NANOS);
            }
        }
    }

    /** Does all there is to do; answers when there may be more. */
    private long step(long nowNanos) {
        long wake = nowNanos + IDLE_NANOS;
        if (peers.values().removeIf(peer -> !peer.inView && nowNanos - peer.cameNanos > VIEW_NANOS)) {
            collect();
        }
        for (Peer peer : peers.values()) {
            if (peer.in.isToBeAsked(nowNanos)) {
                ask(peer);
            }
            wake = Math.min(wake, peer.in.wakeNanos());
            OutgoingStream out = peer.out;
            if (out != null) {
                copy(peer, out, nowNanos);
                wake = Math.min(wake, out.wakeNanos());
            }
        }
        tell(nowNanos);
        waiting.removeIf(each -> {
            if (each.untilNanos < nowNanos
                    || nowNanos - mergedNanos < MERGED_NANOS && nowNanos - each.sinceNanos > YIELD_NANOS
                    || peers.values().stream().allMatch(peer -> peer.isReady(nowNanos))) {
                each.done.complete(null);
            }
            return each.done.isDone();
        });
        return waiting.isEmpty() ? wake : Math.min(wake, nowNanos + TimeUnit.MILLISECONDS.toNanos(5));
    }

    private void copy(Peer peer, OutgoingStream out, long nowNanos) {
        if (out.wantsPage(nowNanos)) {
            port.page(
                    out.askPage(),
                    page -> enqueue(() -> {
                        if (out.equals(peer.out)) {
                            say(peer, out.page(page, now()));
                        }
                    }));
        }
        if (out.isSilent(nowNanos)) {
            say(peer, out.tell(new byte[0], port.counters().dropped(), nowNanos));
        }
    }

    /** Sends changes to all that listen, as fast as the slowest takes them in. */
    private void tell(long nowNanos) {
        List<Peer> listening =
                peers.values().stream().filter(peer -> peer.out != null).toList();
        while (!listening.isEmpty()
                && listening.stream().allMatch(peer -> stream(peer).mayTell())) {
            byte[] records = port.take();
            if (records == null) {
                return;
            }
            for (Peer peer : listening) {
                say(peer, stream(peer).tell(records, port.counters().dropped(), nowNanos));
            }
        }
    }

    private static OutgoingStream stream(Peer peer) {
        OutgoingStream stream = peer.out;
        if (stream == null) {
            throw new IllegalStateException(peer.node + " does not listen");
        }
        return stream;
    }

    private void say(Peer peer, byte[] message) {
        channel.accept(peer.node, message);
    }

    private void ask(Peer peer) {
        say(peer, peer.in.ask(incarnation ^ ++streams << 48, incarnation, now()));
    }

    // ---- events ----

    private void viewed(List<String> members, boolean merge) {
        peers.keySet().retainAll(members);
        for (String member : members) {
            if (member.equals(localNode)) {
                continue;
            }
            Peer peer = peers.get(member);
            if (peer == null) {
                peer = new Peer(member, now());
                peers.put(member, peer);
                ask(peer);
            } else if (merge) {
                ask(peer);
            }
            peer.inView = true;
        }
        if (merge) {
            mergedNanos = now();
        }
        collect();
    }

    /** Changes are collected while somebody listens. */
    private void collect() {
        boolean wanted = peers.values().stream().anyMatch(peer -> peer.out != null);
        if (wanted != sending) {
            sending = wanted;
            port.send(wanted);
        }
    }

    private void heard(String node, SyncMessage message) {
        Peer peer = peers.get(node);
        if (peer == null) {
            if (!(message instanceof SyncMessage.Request)) {
                return;
            }
            // it has the new view before this node has
            peer = new Peer(node, now());
            peers.put(node, peer);
            ask(peer);
        }
        switch (message) {
            case SyncMessage.Request request -> asked(peer, request);
            case SyncMessage.Acknowledgement taken -> {
                OutgoingStream out = peer.out;
                if (out != null && out.id() == taken.stream()) {
                    out.taken(taken.changes(), taken.pages());
                }
            }
            case SyncMessage.Changes changes -> {
                if (peer.in.isOf(changes.stream())) {
                    peer.in.heard(changes, now());
                    adopt(peer, changes.message(), changes.offset(), stream -> stream.took(changes));
                }
            }
            case SyncMessage.Page page -> {
                if (peer.in.isOf(page.stream())) {
                    peer.in.heard(now());
                    adopt(peer, page.message(), page.offset(), stream -> stream.took(page, now()));
                }
            }
        }
    }

    private void asked(Peer peer, SyncMessage.Request request) {
        boolean anotherLife = peer.incarnation >= 0 && peer.incarnation != request.incarnation();
        peer.incarnation = request.incarnation();
        peer.out = new OutgoingStream(request.stream(), now());
        collect();
        if (anotherLife) {
            ask(peer); // it knows nothing of what this node asked its earlier life
        }
    }

    /** Hands records to the plane; once it has taken them in, the other node hears of it. */
    private void adopt(Peer peer, byte[] message, int offset, Function<IncomingStream, byte[]> took) {
        long stream = peer.in.id();
        port.adopt(
                message,
                offset,
                () -> enqueue(() -> {
                    if (peer.equals(peers.get(peer.node)) && peer.in.isOf(stream)) {
                        say(peer, took.apply(peer.in));
                    }
                }));
    }

    private SyncStatus snapshot() {
        List<SyncStatus.Peer> shown = new ArrayList<>();
        for (Peer peer : peers.values()) {
            OutgoingStream out = peer.out;
            shown.add(new SyncStatus.Peer(
                    peer.node,
                    out != null,
                    out != null && out.isCopied(),
                    out == null ? 0 : out.copied(),
                    peer.in.isCopied(),
                    peer.in.copiedRecords(),
                    peer.in.copyMillis()));
        }
        return new SyncStatus(true, shown, port.counters());
    }

    /** Ends the thread. */
    @Override
    public void close() {
        closing = true;
        wake();
        try {
            thread.join(1000);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
