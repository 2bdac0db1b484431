package org.halvs.ha.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiConsumer;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.ha.event.DomainEvent;
import org.halvs.ha.heartbeat.HeartbeatParameters;
import org.halvs.ha.heartbeat.HookCall;
import org.halvs.ha.heartbeat.ShippedHook;
import org.halvs.resource.script.ScriptEnvironment;
import org.halvs.resource.script.ScriptRunner;

/**
 * Runs the site's own scripts in rc.d, one after the other on the thread {@code rc.d}, each for a minute at most. Nobody waits for them: when too
 * many are waiting the newest is not run.
 */
final class SiteHooks implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int MOST_WAITING = 200;

    private final Path directory;
    private final Path etc;
    private final String node;
    private final RunningFiles running;
    private final BiConsumer<String, String> report;
    private final ScriptRunner runner;
    private final BlockingQueue<Due> waiting = new LinkedBlockingQueue<>(MOST_WAITING);
    private final Set<Path> passedOver = new LinkedHashSet<>();
    private final Thread thread;

    /** A call, and the configuration that held when it was made. */
    private record Due(HookCall call, ClusterConfig config) {}

    /**
     * @param report gets what somebody should know of, as an object and what is the matter with it; may be called from any thread
     */
    SiteHooks(Path etc, Path run, String node, RunningFiles running, BiConsumer<String, String> report) {
        this.directory = etc.resolve("rc.d");
        this.etc = etc;
        this.node = node;
        this.running = running;
        this.report = report;
        this.runner = new ScriptRunner(run);
        thread = Thread.ofPlatform().name("rc.d").daemon().start(this::work);
    }

    /** Something happened; on the control thread, returns at once. */
    void on(DomainEvent event) {
        for (HookCall call : HookCall.of(event, node)) {
            if (!waiting.offer(new Due(call, running.cluster().config()))) {
                report.accept(
                        directory.resolve(call.type()).toString(), "not run: " + MOST_WAITING + " calls wait already");
            }
        }
    }

    private void work() {
        try {
            while (true) {
                Due due = waiting.take();
                Path script = directory.resolve(due.call().type());
                if (Files.isRegularFile(script) && Files.isExecutable(script) && isOfTheSite(script)) {
                    run(script, due);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Looked at before each run: a script may be put there at any time. */
    private boolean isOfTheSite(Path script) {
        Optional<String> program;
        try {
            program = ShippedHook.program(Files.readString(script, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            report.accept(script.toString(), "can't be read: " + e.getMessage());
            return false;
        }
        if (program.isPresent() && passedOver.add(script)) {
            report.accept(
                    script.toString(),
                    "is not run: it calls " + program.get()
                            + ", whose work this daemon does itself; a script of your own without"
                            + " that call is run");
        }
        return program.isEmpty();
    }

    private void run(Path script, Due due) {
        ScriptRunner.Outcome outcome =
                runner.run(List.of(script.toString(), due.call().type()), environment(due), LIMIT);
        switch (outcome) {
            case ScriptRunner.Outcome.Exited(int code, String output)
            when code != 0 -> report.accept(script.toString(), "ended with exit status " + code + lastLine(output));
            case ScriptRunner.Outcome.Exited _ -> {}
            case ScriptRunner.Outcome.TimedOut _ ->
                report.accept(script.toString(), "was killed: no end within " + LIMIT.toSeconds() + " s");
            case ScriptRunner.Outcome.NotRun(String reason) -> report.accept(script.toString(), "not run: " + reason);
        }
    }

    private static String lastLine(String output) {
        String stripped = output.strip();
        return stripped.isEmpty() ? "" : ": " + stripped.substring(stripped.lastIndexOf('\n') + 1);
    }

    /** As heartbeat's harc: the parameters of ha.cf and the fields of the message, each with HA_ before it. */
    private Map<String, String> environment(Due due) {
        ClusterConfig config = due.config();
        ScriptEnvironment base = new ScriptEnvironment(
                etc,
                node,
                config.log().facility().orElse("none"),
                config.log().logfile().orElse(""),
                config.log().debugfile().orElse(""));
        Map<String, String> variables = new LinkedHashMap<>(base.variables());
        variables.put("HA_DATEFMT", "%Y/%m/%d_%T\t");
        variables.put("HA_LOGD", config.log().useLogd() ? "yes" : "no");
        variables.put("HA_NICEFAILBACK", "yes");
        variables.put("HA_OSTATUS", "active");
        HeartbeatParameters.all(config).forEach((name, value) -> variables.put("HA_" + name, value));
        due.call().fields().forEach((name, value) -> variables.put("HA_" + name, value));
        return variables;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
