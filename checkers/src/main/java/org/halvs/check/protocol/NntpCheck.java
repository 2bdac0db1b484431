package org.halvs.check.protocol;

import java.io.IOException;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckTarget;

/** Service nntp (RFC 3977): a greeting of 2xx; nothing is sent. Immutable. */
final class NntpCheck implements Dialogue {
    @Override
    public CheckResult hold(CheckTarget target, Deadline deadline) throws IOException {
        try (Connection connection = Connection.open(target, deadline)) {
            String greeting = connection.readLine();
            return greeting.startsWith("2")
                    ? new Passed("-")
                    : new Failed(Reason.UNEXPECTED_ANSWER, CheckTexts.oneLine(greeting, 120));
        }
    }
}
