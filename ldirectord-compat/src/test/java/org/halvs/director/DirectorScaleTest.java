package org.halvs.director;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.halvs.check.CheckResult;
import org.halvs.ipvs.ForwardingTable;
import org.junit.jupiter.api.Test;

/** Ten thousand servers: the work of a result must not grow with their number. Limits are far above what is measured. */
class DirectorScaleTest {
    private static final int SERVICES = 100;
    private static final int SERVERS = 100;

    private static void results(Director director, CheckResult result, int every) {
        List<ScheduledProbe> probes = director.probes();
        for (int i = 0; i < probes.size(); i += every) {
            director.result(probes.get(i).key(), result, i);
            director.nextTickNanos(i);
        }
    }

    @Test
    void tenThousandServersInAHundredServices() {
        List<String> lines = new ArrayList<>();
        for (int service = 0; service < SERVICES; service++) {
            lines.add("virtual 192.0.2.1:" + (1000 + service) + " quiescent=yes fallback=127.0.0.9:80");
            for (int server = 0; server < SERVERS; server++) {
                lines.add("real 10.0." + service + "." + server + ":80 masq 1");
            }
        }
        ServicePlan plan = PlanText.plan(lines);
        CheckResult good = new CheckResult.Passed("");
        CheckResult bad = new CheckResult.Failed(CheckResult.Reason.TIMED_OUT, "");
        long start = System.nanoTime();
        Director director = new Director(plan, ForwardingTable.EMPTY, 0);
        results(director, good, 1);
        results(director, good, 1);
        results(director, bad, 10);
        director.replacePlan(plan, 0);
        Duration took = Duration.ofNanos(System.nanoTime() - start);

        assertThat(director.table().entries()).hasSize(SERVICES);
        assertThat(took).isLessThan(Duration.ofSeconds(20));
        System.Logger log = System.getLogger(DirectorScaleTest.class.getName());
        log.log(System.Logger.Level.INFO, "21,000 results of 10,000 servers took {0} ms", took.toMillis());
    }
}
