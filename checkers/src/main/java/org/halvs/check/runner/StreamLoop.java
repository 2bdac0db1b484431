package org.halvs.check.runner;

import java.util.Arrays;
import org.halvs.linux.EventPoll;
import org.halvs.linux.StreamBuffer;
import org.halvs.linux.TcpStream;
import org.jspecify.annotations.Nullable;

/** Tells the probes on streams when something happens on theirs. Confined to the timer thread, but for {@link #wake}. */
final class StreamLoop implements AutoCloseable {
    private static final int BUFFER_BYTES = 16 * 1024;

    private final EventPoll poll = new EventPoll();
    private final StreamBuffer buffer = new StreamBuffer(BUFFER_BYTES);
    private @Nullable StreamRun[] runs = new StreamRun[256]; // by the numbers of their streams
    private boolean closed; // guarded by this

    /** Where bytes on their way stand; one for all streams. */
    StreamBuffer buffer() {
        return buffer;
    }

    /** {@code run} is told of {@code stream} from now on. */
    void add(StreamRun run, TcpStream stream, boolean writing) {
        poll.add(stream, writing);
        int number = stream.number();
        if (number >= runs.length) {
            runs = Arrays.copyOf(runs, Math.max(number + 1, runs.length * 2));
        }
        runs[number] = run;
    }

    /** {@code writing} as in {@link EventPoll#add}. */
    void change(TcpStream stream, boolean writing) {
        poll.change(stream, writing);
    }

    /** The stream that has this number is about to be closed. */
    void forget(TcpStream stream) {
        if (stream.number() < runs.length) {
            runs[stream.number()] = null;
        }
    }

    /** Waits for at most {@code nanos} until something happens, and lets all it happens to go on. */
    void turn(long nanos) {
        int ready = poll.await(nanos);
        for (int i = 0; i < ready; i++) {
            int number = poll.ready(i);
            StreamRun run = number < runs.length ? runs[number] : null;
            if (run != null) {
                run.proceed();
            }
        }
    }

    /** Ends a wait. Any thread, also after the end of this loop. */
    synchronized void wake() {
        if (!closed) {
            poll.wake();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        poll.close();
    }
}
