package org.halvs.ldirectord.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.halvs.check.CheckResult;
import org.halvs.director.Director;
import org.halvs.director.DirectorStep;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ldirectord.EmailAlert.DaemonStatus;
import org.halvs.ldirectord.FixedNameService;
import org.halvs.ldirectord.LdirectordPlan;
import org.halvs.ldirectord.LdirectordReader;
import org.halvs.ldirectord.MemoryConfigFiles;
import org.junit.jupiter.api.Test;

class MailDecisionsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final String CONFIG =
            """
            quiescent=yes
            emailalert="admin@example.test, ops@example.test"
            emailalertfrom=LVS <lvs@example.test>
            smtp=127.0.0.25
            emailalertstatus=running,stopping
            emailalertfreq=3
            virtual=192.0.2.10:80
            	real=127.0.0.2:80 gate 2
            	checktype=connect
            	servicename=Shop
            	comment=call Bob
            """;

    private final LdirectordPlan plan = new LdirectordReader(new FixedNameService("", "", "director1"), new MemoryConfigFiles(List.of()))
            .read("x.cf", CONFIG)
            .result()
            .value()
            .orElseThrow();
    private final MailDecisions decisions = new MailDecisions("director1");
    private final Director director = new Director(plan.services(), ForwardingTable.EMPTY, 0);

    private DirectorStep result(boolean good, long now) {
        CheckResult result = good
                ? new CheckResult.Passed("")
                : new CheckResult.Failed(CheckResult.Reason.REFUSED, "connection refused");
        return director.result(director.probes().getFirst().key(), result, now);
    }

    @Test
    void tellsAndReminds() {
        decisions.follow(plan);
        assertThat(decisions.about(director.firstStep().events(), DaemonStatus.STARTING))
                .as("the status is filtered")
                .isEmpty();
        decisions.about(result(true, 0).events(), DaemonStatus.STARTING);
        List<MailDecisions.Due> down = decisions.about(result(false, 0).events(), DaemonStatus.RUNNING);

        assertThat(down).hasSize(1);
        assertThat(down.getFirst().logLine())
                .isEqualTo("emailalert: Quiescent real server: 127.0.0.2:80 (192.0.2.10:80) (Weight set to 0)");
        Mail mail = down.getFirst().mail();
        assertThat(mail.recipients()).containsExactly("admin@example.test", "ops@example.test");
        assertThat(mail.from()).isEqualTo("LVS <lvs@example.test>");
        assertThat(mail.smtpServer()).isEqualTo("127.0.0.25");
        assertThat(mail.subject())
                .isEqualTo("[Shop] Quiescent real server: 127.0.0.2:80 (192.0.2.10:80) (Weight set to 0)");
        assertThat(mail.body())
                .isEqualTo(
                        """
                        ldirectord host: director1
                        Log-Message: [Shop] Quiescent real server: 127.0.0.2:80 (192.0.2.10:80) (Weight set to 0)
                        Daemon-Status: running

                        Service name: Shop
                        Comment: call Bob

                        """);

        List<String> reminders = new ArrayList<>();
        for (long second = 0; second < 10; second++) {
            long now = second;
            decisions
                    .reminders(director.status(0), DaemonStatus.RUNNING, now * SECOND)
                    .forEach(due -> reminders.add(now + " " + due.logLine()));
        }
        assertThat(reminders)
                .containsExactly(
                        "3 emailalert: Inaccessible real server: 127.0.0.2:80 (192.0.2.10:80)",
                        "6 emailalert: Inaccessible real server: 127.0.0.2:80 (192.0.2.10:80)",
                        "9 emailalert: Inaccessible real server: 127.0.0.2:80 (192.0.2.10:80)");
        assertThat(decisions.about(result(true, 0).events(), DaemonStatus.RUNNING)).hasSize(1);
        assertThat(decisions.reminders(director.status(0), DaemonStatus.RUNNING, 100 * SECOND))
                .isEmpty();
        assertThat(decisions.about(director.stop().events(), DaemonStatus.STOPPING))
                .extracting(MailDecisions.Due::logLine)
                .containsExactly("emailalert: Purged real server (stop): 127.0.0.2:80 (192.0.2.10:80)");
    }
}
