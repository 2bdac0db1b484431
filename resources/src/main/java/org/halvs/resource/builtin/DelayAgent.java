package org.halvs.resource.builtin;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.halvs.resource.ActionResult;
import org.halvs.resource.ResourceAgent;

/**
 * {@code Delay::start::stop}: waits, so that what comes next in the line begins later. Times are seconds, with a
 * fraction if need be; the default is 30, and for stop the time of start (OCF agent Delay). COMPAT: that agent waits at
 * each status too; this one does not.
 */
public final class DelayAgent implements ResourceAgent {
    private static final Duration DEFAULT = Duration.ofSeconds(30);
    private static final Duration LONGEST = Duration.ofHours(1);

    private final List<String> arguments;
    private boolean started;

    public DelayAgent(List<String> arguments) {
        this.arguments = List.copyOf(arguments);
    }

    @Override
    public ActionResult start() {
        Optional<Duration> delay = delay(0, DEFAULT);
        if (delay.isEmpty()) {
            return wrong(0);
        }
        if (started) {
            return ActionResult.done();
        }
        ActionResult result = sleep(delay.get());
        started = result instanceof ActionResult.Done;
        return result;
    }

    @Override
    public ActionResult stop() {
        Optional<Duration> delay = delay(0, DEFAULT).flatMap(start -> delay(1, start));
        if (!started || delay.isEmpty()) {
            return ActionResult.done(); // wrong arguments never started
        }
        started = false;
        return sleep(delay.get());
    }

    @Override
    public ActionResult status() {
        return started ? ActionResult.done() : new ActionResult.NotRunning();
    }

    private Optional<Duration> delay(int index, Duration otherwise) {
        if (index >= arguments.size() || arguments.get(index).isEmpty()) {
            return Optional.of(otherwise);
        }
        try {
            BigDecimal millis = new BigDecimal(arguments.get(index)).movePointRight(3);
            boolean inRange = millis.signum() >= 0 && millis.compareTo(BigDecimal.valueOf(LONGEST.toMillis())) <= 0;
            return inRange ? Optional.of(Duration.ofMillis(millis.longValue())) : Optional.empty();
        } catch (NumberFormatException _) {
            return Optional.empty();
        }
    }

    private ActionResult wrong(int index) {
        return new ActionResult.Failed(
                2, "Delay: '" + arguments.get(index) + "' is not a number of seconds from 0 to " + LONGEST.toSeconds());
    }

    private static ActionResult sleep(Duration time) {
        try {
            Thread.sleep(time);
            return ActionResult.done();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return new ActionResult.Failed(1, "Delay: interrupted");
        }
    }
}
