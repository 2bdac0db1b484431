package org.halvs.check.protocol;

import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckTarget;

/** One request of an {@link HttpCheck} and its response. Confined to one thread at a time. */
final class HttpConversation extends PlainConversation {
    private final HttpCheck check;
    private final HttpCheck.Step step;
    private final CheckTarget first;
    private final Duration timeout;
    private final HttpResponse response;
    private boolean handedOn;

    /** @param first where the first request of the check went */
    HttpConversation(HttpCheck check, HttpCheck.Step step, CheckTarget first, Duration timeout) {
        super(first, timeout);
        this.check = check;
        this.step = step;
        this.first = first;
        this.timeout = timeout;
        this.response = check.awaited(step);
    }

    @Override
    public Turn opening() {
        return new Say(step.request());
    }

    @Override
    public Turn heard(byte[] bytes, int length) throws IOException {
        return response.feed(bytes, length) ? judge() : Turn.LISTEN;
    }

    @Override
    public End ended() throws IOException {
        response.end();
        return judge();
    }

    private End judge() {
        End end = check.judge(step, first, timeout, response);
        handedOn = end instanceof Onward;
        return end;
    }

    @Override
    public CheckResult failed(Exception problem) {
        return problem instanceof ConnectException e ? HttpCheck.notConnected(first, e) : super.failed(problem);
    }

    /** What goes on with the response closes it. */
    @Override
    public void close() {
        if (!handedOn) {
            response.close();
        }
    }
}
