package org.halvs.check.protocol;

import java.io.IOException;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckTarget;

/** What one service type says and wants to hear. Implementations are immutable. */
@FunctionalInterface
interface Dialogue {

    /**
     * Holds the exchange once.
     *
     * @throws MalformedAnswerException when the server breaks the protocol
     * @throws IOException when the connection fails or the deadline passes
     */
    CheckResult hold(CheckTarget target, Deadline deadline) throws IOException;
}
