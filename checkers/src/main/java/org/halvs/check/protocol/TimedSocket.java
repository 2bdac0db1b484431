package org.halvs.check.protocol;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/**
 * A socket none of whose reads outlasts the deadline, and which does not read for ever, also when it lies under a TLS socket and the peer sends one byte a second.
 */
final class TimedSocket extends Socket {
    /**
     * The most a probe reads, whatever it is: far above every limit of the protocols, and little enough to be read in an instant. A peer that
     * always has more to say could otherwise keep the thread, which is not preempted, until the deadline.
     */
    static final long MAX_BYTES = 4 * 1024 * 1024;

    /** Takes one connection at an address of ours. */
    static final class Listener extends ServerSocket {
        Listener(InetAddress own) throws IOException {
            super(0, 1, own);
        }

        TimedSocket accept(Deadline deadline) throws IOException {
            setSoTimeout(deadline.remainingMillis());
            TimedSocket socket = new TimedSocket(deadline);
            implAccept(socket);
            return socket;
        }
    }

    private Deadline deadline;
    private @Nullable InputStream timedInput;
    private long bytesRead;

    TimedSocket(Deadline deadline) {
        // A check goes where it is told: without this, every connect asks the system's proxy settings, which costs more
        // than the connect.
        super(Proxy.NO_PROXY);
        this.deadline = deadline;
    }

    /** Reads end at {@code earlier} from now on. */
    void shortenTo(Deadline earlier) {
        if (earlier.endNanos() - deadline.endNanos() < 0) {
            deadline = earlier;
        }
    }

    @Override
    public InputStream getInputStream() throws IOException {
        if (timedInput == null) {
            timedInput = new TimedInput(super.getInputStream());
        }
        return timedInput;
    }

    private final class TimedInput extends FilterInputStream {
        TimedInput(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            setSoTimeout(deadline.remainingMillis());
            if (bytesRead > MAX_BYTES) {
                throw new MalformedAnswerException("an answer of more than " + MAX_BYTES + " bytes");
            }
            int count = in.read(bytes, offset, length);
            bytesRead += count;
            return count;
        }
    }
}
