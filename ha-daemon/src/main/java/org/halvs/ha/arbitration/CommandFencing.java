package org.halvs.ha.arbitration;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.halvs.resource.script.ScriptRunner;

/** {@link Fencing} by programs, each run with a time limit on a virtual thread of its own. */
public final class CommandFencing implements Fencing {
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final List<FenceDevice> devices;
    private final Duration limit;
    private final ScriptRunner runner;

    /**
     * @param limit how long a program may take, more than zero
     * @param directory where its output is kept while it runs
     */
    public CommandFencing(List<FenceDevice> devices, Duration limit, Path directory) {
        this.devices = List.copyOf(devices);
        this.limit = limit;
        this.runner = new ScriptRunner(directory);
    }

    @Override
    public void reset(String node, Consumer<Outcome> done) {
        start(
                "fence-" + node,
                () -> done.accept(FenceDevice.of(devices, node)
                        .map(device -> reset(device, node))
                        .orElseGet(() -> new Outcome.Failed("no fencing device is configured for " + node))));
    }

    private Outcome reset(FenceDevice device, String node) {
        Outcome outcome = run(device, device.reset(), node, "");
        boolean tryOff = outcome instanceof Outcome.Failed && !device.off().isEmpty();
        return tryOff && run(device, device.off(), node, device.offText()) instanceof Outcome.Done
                ? new Outcome.Done()
                : outcome;
    }

    @Override
    public void status(Consumer<Outcome> done) {
        for (FenceDevice device : devices) {
            if (!device.status().isEmpty()) {
                start("fence-status", () -> done.accept(run(device, device.status(), "", "")));
            }
        }
    }

    private static void start(String name, Runnable work) {
        Thread.ofVirtual().name(name).start(work);
    }

    /** @param wanted what the output must contain besides exit status 0, in any case; empty for anything */
    private Outcome run(FenceDevice device, List<String> words, String node, String wanted) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("PATH", PATH);
        environment.put("HALVS_NODE", node);
        return switch (runner.run(device.command(words, node), environment, limit)) {
            case ScriptRunner.Outcome.Exited(int code, String output)
            when code == 0 && output.toLowerCase(Locale.ROOT).contains(wanted) -> new Outcome.Done();
            case ScriptRunner.Outcome.Exited(int code, String output) ->
                new Outcome.Failed(device.name() + ": exit status " + code
                        + (output.isBlank() ? "" : ": " + device.hidden(output)));
            case ScriptRunner.Outcome.TimedOut(Duration allowed, String _) ->
                new Outcome.Failed(device.name() + ": no end within " + allowed.toSeconds() + " s, killed");
            case ScriptRunner.Outcome.NotRun(String reason) ->
                new Outcome.Failed(device.name() + ": " + device.hidden(reason));
        };
    }

    @Override
    public void close() {
        // programs end by themselves or by their limit
    }
}
