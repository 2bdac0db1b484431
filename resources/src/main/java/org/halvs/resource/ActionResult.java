package org.halvs.resource;

import java.time.Duration;

/** What came of starting, stopping or asking a resource. */
public sealed interface ActionResult {

    /** Done, or nothing was left to do. As the answer to a status request: the resource runs. */
    record Done() implements ActionResult {}

    /** As the answer to a status request: the resource does not run. */
    record NotRunning() implements ActionResult {}

    /**
     * It did not work.
     *
     * @param code the exit status of a script, 1 for agents of our own
     * @param output what it said, one line or a few, without secrets
     */
    record Failed(int code, String output) implements ActionResult {}

    /** It did not end within its time and was killed. */
    record TimedOut(Duration limit) implements ActionResult {}

    static ActionResult done() {
        return new Done();
    }
}
