package org.halvs.ha.runtime;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.halvs.resource.script.ScriptEnvironment;
import org.halvs.resource.script.ScriptRunner;

/**
 * {@code resource.d/startstop}, a site's script that heartbeat's init script called around starting and stopping the daemon: {@code pre-start},
 * {@code post-start STATUS}, {@code pre-stop}, {@code post-stop STATUS}. Whatever it answers, the daemon goes on.
 *
 * @param limit it is killed after that
 */
record StartStopHook(Path run, ScriptEnvironment environment, Duration limit) {
    private static final Logger LOG = System.getLogger("halvs");

    /** Runs it to its end where there is one. */
    void call(String... words) {
        Path script = environment.etc().resolve("resource.d").resolve("startstop");
        if (!Files.isRegularFile(script) || !Files.isExecutable(script)) {
            return;
        }
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(words));
        String called = String.join(" ", command);
        switch (new ScriptRunner(run).run(command, environment.variables(), limit)) {
            case ScriptRunner.Outcome.Exited exited ->
                LOG.log(
                        exited.code() == 0 ? Level.INFO : Level.WARNING,
                        "{0} ended with status {1}",
                        called,
                        exited.code());
            case ScriptRunner.Outcome.TimedOut _ ->
                LOG.log(Level.WARNING, "{0} did not end within {1} s and was killed", called, limit.toSeconds());
            case ScriptRunner.Outcome.NotRun notRun -> LOG.log(Level.WARNING, "{0}: {1}", called, notRun.reason());
        }
    }
}
