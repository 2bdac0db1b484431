package org.halvs.check.protocol;

import java.time.Duration;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckTarget;

/** {@code checktype = connect}: a TCP connection is made and closed, nothing is sent. A server that accepts and hangs is up. */
final class ConnectCheck extends PlainConversation {
    private static final End CONNECTED = new Over(new Passed("connected"));

    ConnectCheck(CheckTarget target, Duration timeout) {
        super(target, timeout);
    }

    @Override
    public Turn opening() {
        return CONNECTED;
    }

    @Override
    public Turn heard(byte[] bytes, int length) {
        return CONNECTED;
    }

    @Override
    public End ended() {
        return CONNECTED;
    }
}
