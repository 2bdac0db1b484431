package org.halvs.resource;

/** Starts, stops and watches one resource. Every method blocks and is idempotent. Confined to the thread of its group's sequence. */
public interface ResourceAgent {

    /** Starts the resource. Starting what runs already is {@link ActionResult.Done}. */
    ActionResult start();

    /** Stops the resource. Stopping what does not run is {@link ActionResult.Done}. */
    ActionResult stop();

    /** Whether the resource runs here: {@link ActionResult.Done} or {@link ActionResult.NotRunning}. */
    ActionResult status();
}
