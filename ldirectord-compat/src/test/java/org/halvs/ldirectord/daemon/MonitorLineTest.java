package org.halvs.ldirectord.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.halvs.check.CheckResult;
import org.halvs.check.Service;
import org.halvs.director.PlanText;
import org.halvs.director.ServicePlan;
import org.halvs.director.VirtualPlan;
import org.junit.jupiter.api.Test;

class MonitorLineTest {
    private static String line(CheckResult result, String real) {
        ServicePlan plan = PlanText.plan(List.of("virtual 192.0.2.10:8080", real));
        VirtualPlan virtual = plan.virtuals().getFirst();
        return MonitorLine.of(
                "Sat Nov 21 01:00:00 2026",
                17,
                virtual,
                Service.HTTP,
                virtual.reals().getFirst(),
                result);
    }

    @Test
    void asRecorded() {
        assertThat(line(new CheckResult.Passed("200 OK"), "real 127.0.0.2:80 gate 2 check=/index.html"))
                .isEqualTo(
                        "[Sat Nov 21 01:00:00 2026] [17] negotiate http tcp 127.0.0.2 80 2 gate /index.html [up] 200 OK");
        assertThat(line(
                        new CheckResult.Failed(CheckResult.Reason.UNEXPECTED_ANSWER, "a|b%\r\nc"),
                        "real 127.0.0.2:80 masq 2"))
                .isEqualTo(
                        "[Sat Nov 21 01:00:00 2026] [17] connect http tcp 127.0.0.2 80 2 masq [down] a%7cb%25%0d%0ac");
        assertThat(line(new CheckResult.Passed(""), "real 127.0.0.2:80 ipip 2")).endsWith("ipip [up] -");
    }
}
