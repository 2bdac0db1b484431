package org.halvs.check.protocol;

import java.io.IOException;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckTarget;

/** Services smtp and submission: a greeting and an answer to EHLO, or to HELO where EHLO is refused, of 2xx. Immutable. */
final class SmtpCheck implements Dialogue {
    /** What ldirectord calls itself; a name of our own could run into rules made for it. */
    private static final String NAME = "localhost.localdomain";

    @Override
    public CheckResult hold(CheckTarget target, Deadline deadline) throws IOException {
        try (Connection connection = Connection.open(target, deadline)) {
            Reply reply = Reply.read(connection);
            if (!reply.positive()) {
                return reply.refusal();
            }
            connection.sendLine("EHLO " + NAME);
            reply = Reply.read(connection);
            if (!reply.positive()) {
                connection.sendLine("HELO " + NAME);
                reply = Reply.read(connection);
            }
            connection.farewell("QUIT");
            return reply.positive() ? new Passed("-") : reply.refusal();
        }
    }
}
