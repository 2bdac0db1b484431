package org.halvs.resource.builtin;

import org.halvs.resource.ActionResult;
import org.halvs.resource.ResourceAgent;

/**
 * A resource that old files name and that needs nothing done here. Remembers that it was started, so that status
 * answers as expected.
 */
public final class AcceptedAgent implements ResourceAgent {
    private boolean started;

    @Override
    public ActionResult start() {
        started = true;
        return ActionResult.done();
    }

    @Override
    public ActionResult stop() {
        started = false;
        return ActionResult.done();
    }

    @Override
    public ActionResult status() {
        return started ? ActionResult.done() : new ActionResult.NotRunning();
    }
}
