package org.halvs.check.protocol;

import java.io.IOException;

/** An answer that breaks the protocol. Made for each bad answer, so without a stack trace. */
final class MalformedAnswerException extends IOException {
    MalformedAnswerException(String message) {
        super(message);
    }

    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
