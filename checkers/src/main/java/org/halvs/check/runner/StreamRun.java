package org.halvs.check.runner;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.time.Duration;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.Conversation;
import org.halvs.check.StreamChecker;
import org.halvs.linux.Errno;
import org.halvs.linux.LinuxException;
import org.halvs.linux.TcpStream;
import org.jspecify.annotations.Nullable;

/**
 * A probe that is a conversation over a TCP connection, which the timer thread carries on whenever something has come. Confined to that thread.
 *
 * <p>Whatever the other side sends, one call of {@link #proceed} moves no more than {@link #MOST_ROUNDS} buffers, and the whole probe no more than
 * {@link #MOST_BYTES}: who has more to say waits until all others have had their turn.
 */
final class StreamRun implements ProbeRun {
    private static final System.Logger LOGGER = System.getLogger(CheckRunner.class.getName());

    /** Far above every limit of the protocols, and little enough to be read in an instant. */
    private static final long MOST_BYTES = 4 * 1024 * 1024;

    private static final int MOST_ROUNDS = 4;
    private static final byte[] NOTHING = new byte[0];

    private final ProbeEntry entry;
    private final StreamChecker checker;
    private final Duration timeout;
    private final long dueNanos;
    private final CheckRunner.Place place;
    private boolean finished;
    private long beginNanos;
    private @Nullable Conversation conversation;
    private @Nullable TcpStream stream;
    private Conversation.Turn opening = Conversation.Turn.LISTEN;
    private boolean connected;
    private boolean watched;
    private boolean listening;
    /** What is being said, from {@link #said} on. */
    private byte[] words = NOTHING;

    private int said;
    private long heardBytes;

    StreamRun(ProbeEntry entry, StreamChecker checker, Duration timeout, long dueNanos, CheckRunner.Place place) {
        this.entry = entry;
        this.checker = checker;
        this.timeout = timeout;
        this.dueNanos = dueNanos;
        this.place = place;
    }

    @Override
    public boolean finished() {
        return finished;
    }

    @Override
    public long deadlineNanos() {
        return (conversation == null ? System.nanoTime() : beginNanos) + timeout.toNanos();
    }

    @Override
    public void start() {
        if (finished) {
            return;
        }
        beginNanos = System.nanoTime();
        place.counters().inFlight.incrementAndGet();
        place.counters().lateness.record(beginNanos - dueNanos);
        Conversation begun;
        try {
            begun = checker.converse(entry.key().target(), timeout);
            opening = begun.opening();
            take(opening);
        } catch (RuntimeException e) {
            conclude(broken(e));
            return;
        }
        conversation = begun;
        try {
            TcpStream opened = TcpStream.connect(entry.endpoint());
            stream = opened;
            proceed(begun, opened); // to a server that is near the connection stands already
        } catch (LinuxException e) {
            end(new Conversation.Over(begun.failed(inTermsOfJava(e.errno()))));
        }
    }

    /** Goes on as far as it can without waiting. */
    void proceed() {
        Conversation held = conversation;
        TcpStream open = stream;
        if (held != null && open != null) {
            proceed(held, open);
        }
    }

    private void proceed(Conversation held, TcpStream open) {
        if (turn(held, open) instanceof Conversation.End end) {
            end(end);
        }
    }

    /** What comes next, whatever happens; when that is to wait, the stream is watched. */
    private Conversation.Turn turn(Conversation held, TcpStream open) {
        try {
            Conversation.Turn turn = goOn(held, open);
            if (!(turn instanceof Conversation.End)) {
                watch(open);
            }
            return turn;
        } catch (IOException | RuntimeException e) {
            return new Conversation.Over(held.failed(e));
        } catch (StackOverflowError | OutOfMemoryError e) {
            return new Conversation.Over(broken(e));
        }
    }

    private Conversation.Turn goOn(Conversation held, TcpStream open) throws IOException {
        for (int rounds = 0; rounds < MOST_ROUNDS; rounds++) {
            if (!say(open)) {
                return Conversation.Turn.LISTEN;
            }
            if (!connected) {
                connected = true;
                if (opening instanceof Conversation.End end) {
                    return end;
                }
            }
            if (!watched) {
                return Conversation.Turn.LISTEN; // the answer can't be there yet
            }
            int length = open.receive(place.streams().buffer());
            if (length == -Errno.EAGAIN.number()) {
                return Conversation.Turn.LISTEN;
            }
            Conversation.Turn turn = length == 0 ? held.ended() : hear(held, length);
            if (turn instanceof Conversation.End) {
                return turn;
            }
            take(turn);
        }
        return Conversation.Turn.LISTEN;
    }

    private void take(Conversation.Turn turn) {
        if (turn instanceof Conversation.Say say) {
            words = say.bytes();
            said = 0;
        }
    }

    private Conversation.Turn hear(Conversation held, int length) throws IOException {
        if (length < 0) {
            throw inTermsOfJava(new Errno(-length));
        }
        heardBytes += length;
        if (heardBytes > MOST_BYTES) {
            throw new IOException("an answer of more than " + MOST_BYTES + " bytes");
        }
        return held.heard(place.streams().buffer().bytes(), length);
    }

    /** Says what is left to say; answers whether all is said. Until the connection stands nothing is, not even nothing. */
    private boolean say(TcpStream open) throws IOException {
        while (!connected || said < words.length) {
            int count = open.send(words, said, place.streams().buffer());
            if (count == -Errno.EAGAIN.number()) {
                return false;
            }
            if (count < 0) {
                throw inTermsOfJava(new Errno(-count));
            }
            said += count;
            if (said == words.length) {
                return true;
            }
        }
        return true;
    }

    private void watch(TcpStream open) {
        boolean nowListening = connected && said == words.length;
        if (!watched) {
            watched = true;
            place.streams().add(this, open, !nowListening);
        } else if (nowListening != listening) {
            place.streams().change(open, !nowListening);
        }
        listening = nowListening;
    }

    /** As the blocking checks see it. */
    private static IOException inTermsOfJava(Errno errno) {
        String text = errno.text();
        if (errno.equals(Errno.ECONNREFUSED) || errno.equals(Errno.ETIMEDOUT) || errno.equals(Errno.ENETUNREACH)) {
            return new ConnectException(text);
        }
        return errno.equals(Errno.EHOSTUNREACH) ? new NoRouteToHostException(text) : new SocketException(text);
    }

    private CheckResult broken(Throwable e) {
        LOGGER.log(Level.WARNING, "the check of " + entry.key() + " broke", e);
        return new CheckResult.Failed(
                Reason.NOT_POSSIBLE, "the check itself broke: " + e.getClass().getSimpleName());
    }

    private void end(Conversation.End end) {
        hangUp();
        switch (end) {
            case Conversation.Over(CheckResult result) -> conclude(result);
            case Conversation.Onward onward -> {
                finished = true;
                entry.goOn(ThreadedRun.rest(entry, onward.rest(), timeout, beginNanos, place.counters()));
            }
        }
    }

    private void conclude(CheckResult result) {
        finished = true;
        place.counters().inFlight.decrementAndGet();
        entry.conclude(result, beginNanos);
    }

    private void hangUp() {
        if (stream != null) {
            place.streams().forget(stream);
            stream.close();
            stream = null;
        }
        if (conversation != null) {
            conversation.close();
        }
    }

    @Override
    public void expire() {
        if (!finished && conversation != null) {
            end(new Conversation.Over(conversation.timedOut()));
        }
    }

    @Override
    public void cancel() {
        if (!finished && conversation != null) {
            place.counters()
                    .inFlight
                    .decrementAndGet(); // first: who sees the connection end finds the probe not counted any more
            hangUp();
        }
        finished = true;
    }
}
