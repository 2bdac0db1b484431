package org.halvs.resource.script;

import java.util.Map;
import java.util.Optional;
import org.halvs.resource.ActionResult;
import org.halvs.resource.ResourceAgent;

/** A resource that is a script of heartbeat, LSB or OCF. */
public final class ScriptAgent implements ResourceAgent {
    private final Script script;
    private final ScriptRunner runner;
    private final Map<String, String> environment;
    private final ScriptLimits limits;

    /**
     * An agent for a script.
     *
     * @param environment what every script gets; an OCF agent's parameters are added
     */
    public ScriptAgent(Script script, ScriptRunner runner, ScriptEnvironment environment, ScriptLimits limits) {
        this.script = script;
        this.runner = runner;
        this.environment = ScriptCall.environment(script, environment.variables());
        this.limits = limits;
    }

    public Script script() {
        return script;
    }

    @Override
    public ActionResult start() {
        return call(ScriptCall.Verb.START);
    }

    @Override
    public ActionResult stop() {
        return call(ScriptCall.Verb.STOP);
    }

    @Override
    public ActionResult status() {
        return call(ScriptCall.Verb.STATUS);
    }

    private ActionResult call(ScriptCall.Verb verb) {
        Optional<String> unusable = ScriptCall.unusableArgument(script);
        if (unusable.isPresent()) {
            return new ActionResult.Failed(
                    2,
                    "'" + unusable.get() + "' is not a parameter of an OCF agent; write " + script.name()
                            + "::name=value");
        }
        return switch (runner.run(ScriptCall.command(script, verb), environment, limits.of(verb))) {
            case ScriptRunner.Outcome.Exited exited ->
                ScriptCall.result(script.kind(), verb, exited.code(), exited.output());
            case ScriptRunner.Outcome.TimedOut timedOut ->
                new ActionResult.TimedOut(timedOut.limit(), ScriptCall.shorten(timedOut.output()));
            case ScriptRunner.Outcome.NotRun notRun -> new ActionResult.Failed(1, notRun.reason());
        };
    }
}
