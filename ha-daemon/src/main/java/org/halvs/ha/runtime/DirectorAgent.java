package org.halvs.ha.runtime;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.halvs.ha.cluster.ControlLoop;
import org.halvs.resource.ActionResult;
import org.halvs.resource.ResourceAgent;

/**
 * The resource {@code ldirectord::FILE}: while its group runs here, this node forwards for the file's services. Forwarding begins before the
 * group's first resource and ends after its last; starting and stopping it in its turn only says whether that works.
 */
final class DirectorAgent implements ResourceAgent, Enclosing {
    /** The control thread answers in milliseconds; when it does not, something is very wrong with it. */
    private static final long LIMIT_SECONDS = 10;

    private final ControlLoop loop;
    private final Directors directors;
    private final String configuration;
    private final Runnable beforeRelease;

    /** @param beforeRelease returns when the connections of the services are known where they go to, or when that takes too long */
    DirectorAgent(ControlLoop loop, Directors directors, String configuration, Runnable beforeRelease) {
        this.loop = loop;
        this.directors = directors;
        this.configuration = configuration;
        this.beforeRelease = beforeRelease;
    }

    @Override
    public void begin() {
        ActionResult _ = activate();
    }

    @Override
    public void leaving() {
        beforeRelease.run();
    }

    @Override
    public void end() {
        ActionResult _ = ask(() -> {
            directors.deactivate(configuration);
            return ActionResult.done();
        });
    }

    @Override
    public ActionResult start() {
        return activate();
    }

    @Override
    public ActionResult stop() {
        return ActionResult.done();
    }

    private ActionResult activate() {
        return ask(() -> {
            if (!directors.isConfigured(configuration)) {
                return new ActionResult.Failed(2, configuration + " has errors or is missing; run halvs check");
            }
            directors.activate(configuration);
            return ActionResult.done();
        });
    }

    @Override
    public ActionResult status() {
        return ask(() -> directors.isActive(configuration) ? ActionResult.done() : new ActionResult.NotRunning());
    }

    private ActionResult ask(Supplier<ActionResult> question) {
        CompletableFuture<ActionResult> answer = loop.ask(question);
        try {
            return answer.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException _) {
            return new ActionResult.TimedOut(Duration.ofSeconds(LIMIT_SECONDS), "the control thread does not answer");
        } catch (ExecutionException e) {
            return new ActionResult.Failed(1, String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new ActionResult.Failed(1, "interrupted");
        }
    }
}
