package org.halvs.check;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Our part in one exchange over a TCP connection: hears bytes and says what to do next. It does no I/O and never waits, and what it does with the
 * bytes of one call takes far less than a millisecond whatever they are, so that its thread has time for thousands of others. Confined to one
 * thread at a time.
 */
public interface Conversation extends AutoCloseable {

    /** What comes next. */
    sealed interface Turn {
        /** More has to be heard. */
        Turn LISTEN = new Listen();
    }

    /** More has to be heard. */
    record Listen() implements Turn {}

    /**
     * Something has to be said before more is heard.
     *
     * @param text bytes written as characters (ISO-8859-1)
     */
    record Say(String text) implements Turn {
        public byte[] bytes() {
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }
    }

    /** A turn after which the connection is of no use any more. */
    sealed interface End extends Turn {}

    /** The exchange is over, and this came of it. */
    record Over(CheckResult result) implements End {}

    /**
     * The exchange is over, the check is not: {@code rest} asks elsewhere or thinks longer than a conversation may. It is given the same target and
     * the time that is left, on a virtual thread.
     */
    record Onward(HealthChecker rest) implements End {}

    /** What comes first. It is asked for once, perhaps before the connection stands, and counts as soon as that does. */
    Turn opening();

    /**
     * {@code bytes} came, {@code length} of them, 1 or more; the array is the caller's, who writes it again.
     *
     * @throws IOException when the answer breaks the protocol
     */
    Turn heard(byte[] bytes, int length) throws IOException;

    /**
     * The other side sends no more.
     *
     * @throws IOException when it should have
     */
    End ended() throws IOException;

    /** What it means that there was no connection, that it broke, or that this conversation threw {@code problem}. */
    CheckResult failed(Exception problem);

    /** What it means that the time is over. */
    CheckResult timedOut();

    /** Lets go of what was kept of the answer. Closing twice does nothing. */
    @Override
    void close();
}
