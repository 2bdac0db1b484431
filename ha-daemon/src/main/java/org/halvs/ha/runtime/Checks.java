package org.halvs.ha.runtime;

import org.halvs.check.CheckResult;
import org.halvs.check.ProbeKey;
import org.halvs.check.runner.ResultListener;

/** Brings the results of probes to the control thread. */
final class Checks implements ResultListener {
    private final ControlLoop loop;
    private volatile java.util.function.BiConsumer<ProbeKey, CheckResult> receiver = (_, _) -> {};

    Checks(ControlLoop loop) {
        this.loop = loop;
    }

    void reportTo(Directors directors) {
        receiver = directors::checked;
    }

    @Override
    public void onResult(ProbeKey key, CheckResult result, long startedNanos, long durationNanos) {
        loop.enqueueResult(() -> receiver.accept(key, result));
    }
}
