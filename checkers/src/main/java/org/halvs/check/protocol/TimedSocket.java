package org.halvs.check.protocol;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/**
 * A socket none of whose reads outlasts the deadline, also when it lies under a TLS socket and the peer sends one byte a second.
 */
final class TimedSocket extends Socket {
    private Deadline deadline;
    private @Nullable InputStream timedInput;

    TimedSocket(Deadline deadline) {
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
            return in.read(bytes, offset, length);
        }
    }
}
