package org.halvs.check.protocol;

import java.io.IOException;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckTarget;

/** {@code checktype = connect}: a TCP connection is made and closed, nothing is sent. A server that accepts and hangs is up. */
final class ConnectCheck implements Dialogue {
    @Override
    public CheckResult hold(CheckTarget target, Deadline deadline) throws IOException {
        Connection.open(target, deadline).close();
        return new Passed("connected");
    }
}
