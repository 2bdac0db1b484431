package org.halvs.resource.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.halvs.resource.ActionResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How scripts are called and understood. */
class ScriptCallTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            HEARTBEAT | 0 | INFO:  Running OK               | true
            HEARTBEAT | 3 | nginx is running                | true
            HEARTBEAT | 1 | OK                              | true
            HEARTBEAT | 0 | httpd is not running            | false
            HEARTBEAT | 0 | Not currently Running           | false
            HEARTBEAT | 0 | INFO:  Resource is stopped      | false
            HEARTBEAT | 0 | ''                              | false
            HEARTBEAT | 0 | ok                              | false
            LSB       | 3 | nginx is running                | true
            LSB       | 0 | nginx is not running            | false
            LSB       | 0 | ''                              | true
            LSB       | 3 | ''                              | false
            LSB       | 3 | inactive                        | false
            OCF       | 0 | not running at all              | true
            OCF       | 8 | ''                              | true
            OCF       | 7 | running                         | false
            """)
    void status(ScriptKind kind, int code, String output, boolean runs) {
        assertThat(ScriptCall.result(kind, ScriptCall.Verb.STATUS, code, output))
                .isEqualTo(runs ? ActionResult.done() : new ActionResult.NotRunning());
    }

    @Test
    void wordsMayStandOnSeveralLines() {
        assertThat(ScriptCall.result(ScriptKind.HEARTBEAT, ScriptCall.Verb.STATUS, 0, "it is not \nreally running\n"))
                .isEqualTo(new ActionResult.NotRunning());
    }

    @Test
    void otherVerbsAnswerByExitCode() {
        assertThat(ScriptCall.result(ScriptKind.HEARTBEAT, ScriptCall.Verb.START, 0, "not running"))
                .isEqualTo(ActionResult.done());
        assertThat(ScriptCall.result(ScriptKind.OCF, ScriptCall.Verb.STOP, 5, " not installed\n"))
                .isEqualTo(new ActionResult.Failed(5, "not installed"));
        assertThat(ScriptCall.result(ScriptKind.OCF, ScriptCall.Verb.STATUS, 1, "x"))
                .isEqualTo(new ActionResult.Failed(1, "x"));
    }

    @Test
    void callsOfTheThreeKinds() {
        List<String> arguments = List.of("/dev/sda1", "/data");
        Script heartbeat =
                new Script(ScriptKind.HEARTBEAT, Path.of("/etc/ha.d/resource.d/Filesystem"), "Filesystem", arguments);
        assertThat(ScriptCall.command(heartbeat, ScriptCall.Verb.STATUS))
                .containsExactly("/etc/ha.d/resource.d/Filesystem", "/dev/sda1", "/data", "status");
        assertThat(ScriptCall.environment(heartbeat, Map.of("A", "b"))).containsExactlyEntriesOf(Map.of("A", "b"));
        Script ocf = new Script(
                ScriptKind.OCF,
                Path.of("/usr/lib/ocf/resource.d/heartbeat/Filesystem"),
                "Filesystem",
                List.of("device=/dev/sda1", "options=ro,x=y"));
        assertThat(ScriptCall.command(ocf, ScriptCall.Verb.STATUS))
                .containsExactly("/usr/lib/ocf/resource.d/heartbeat/Filesystem", "monitor");
        assertThat(ScriptCall.environment(ocf, Map.of()))
                .containsEntry("OCF_ROOT", "/usr/lib/ocf")
                .containsEntry("OCF_RESKEY_device", "/dev/sda1")
                .containsEntry("OCF_RESKEY_options", "ro,x=y")
                .containsEntry("OCF_RESOURCE_INSTANCE", "Filesystem_device__dev_sda1_options_ro_x_y");
        assertThat(ScriptCall.unusableArgument(ocf)).isEmpty();
        assertThat(ScriptCall.unusableArgument(new Script(ScriptKind.OCF, Path.of("/x/Delay"), "Delay", List.of("10"))))
                .hasValue("10");
    }
}
