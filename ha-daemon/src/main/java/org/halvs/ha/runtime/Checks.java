package org.halvs.ha.runtime;

import java.util.List;
import java.util.Optional;
import org.halvs.check.CheckResult;
import org.halvs.check.ProbeKey;
import org.halvs.check.runner.ProbeReport;
import org.halvs.check.runner.ResultListener;
import org.halvs.director.kernel.ApplyReport;
import org.halvs.ha.cluster.ControlLoop;

/** Brings the results of probes, and what came of publications, to the control thread. */
final class Checks implements ResultListener {
    private final ControlLoop loop;
    private volatile Optional<Directors> receiver = Optional.empty();

    Checks(ControlLoop loop) {
        this.loop = loop;
    }

    void reportTo(Directors directors) {
        receiver = Optional.of(directors);
    }

    @Override
    public void onResult(ProbeKey key, CheckResult result, long startedNanos, long durationNanos) {
        loop.enqueueResult(() -> receiver.ifPresent(directors -> directors.checked(key, result)));
    }

    @Override
    public void onResults(List<ProbeReport> reports) {
        loop.enqueueResult(() -> receiver.ifPresent(
                directors -> reports.forEach(report -> directors.checked(report.key(), report.result()))));
    }

    /** What came of a publication of the table. */
    void applied(ApplyReport report) {
        if (!report.isQuiet() || !report.withheld().isEmpty()) {
            loop.enqueue(() -> receiver.ifPresent(directors -> directors.applied(report)));
        }
    }
}
