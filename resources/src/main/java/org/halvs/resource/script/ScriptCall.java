package org.halvs.resource.script;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.halvs.resource.ActionResult;

/** How a script is called for a verb, and what its answer means. Pure. */
final class ScriptCall {
    private static final Pattern NOT_RUNNING = Pattern.compile("[Nn][Oo][Tt] .*[Rr]unning", Pattern.DOTALL);
    private static final Pattern RUNNING = Pattern.compile("[Rr]unning|OK");
    private static final Pattern PARAMETER = Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)=(.*)", Pattern.DOTALL);
    private static final int OCF_NOT_RUNNING = 7;
    private static final int OCF_RUNNING_MASTER = 8;
    private static final int LONGEST_OUTPUT = 2000;

    private ScriptCall() {}

    /** What is asked of a script. */
    enum Verb {
        START("start"),
        STOP("stop"),
        STATUS("status");

        private final String word;

        Verb(String word) {
            this.word = word;
        }
    }

    /** The program and its arguments. */
    static List<String> command(Script script, Verb verb) {
        List<String> command = new ArrayList<>();
        command.add(script.path().toString());
        switch (script.kind()) {
            case HEARTBEAT, LSB -> {
                command.addAll(script.arguments());
                command.add(verb.word);
            }
            case OCF -> command.add(verb == Verb.STATUS ? "monitor" : verb.word);
        }
        return command;
    }

    /** The first argument an OCF agent can't be given: it takes {@code name=value} only. */
    static Optional<String> unusableArgument(Script script) {
        return script.kind() == ScriptKind.OCF
                ? script.arguments().stream()
                        .filter(argument -> !PARAMETER.matcher(argument).matches())
                        .findFirst()
                : Optional.empty();
    }

    /** {@code general}, and for an OCF agent its parameters (OCF resource agent API 1.0). */
    static Map<String, String> environment(Script script, Map<String, String> general) {
        Map<String, String> environment = new LinkedHashMap<>(general);
        if (script.kind() == ScriptKind.OCF) {
            Path directory = script.path().toAbsolutePath().getParent();
            Path root = directory == null ? null : directory.resolve("../..").normalize();
            environment.put("OCF_ROOT", root == null ? "/usr/lib/ocf" : root.toString());
            environment.put("OCF_RA_VERSION_MAJOR", "1");
            environment.put("OCF_RA_VERSION_MINOR", "0");
            environment.put("OCF_RESOURCE_TYPE", script.name());
            environment.put("OCF_RESOURCE_PROVIDER", "heartbeat");
            environment.put("OCF_RESOURCE_INSTANCE", instance(script));
            for (String argument : script.arguments()) {
                int equals = argument.indexOf('=');
                if (equals > 0) {
                    environment.put("OCF_RESKEY_" + argument.substring(0, equals), argument.substring(equals + 1));
                }
            }
        }
        return environment;
    }

    /** A name that is the same at every call and differs between resources of one agent. */
    private static String instance(Script script) {
        return script.arguments().isEmpty()
                ? script.name()
                : script.name() + "_" + String.join("_", script.arguments()).replaceAll("[^A-Za-z0-9_.-]", "_");
    }

    /** What an exit means for a verb. */
    static ActionResult result(ScriptKind kind, Verb verb, int code, String output) {
        if (verb != Verb.STATUS) {
            return code == 0 ? ActionResult.done() : new ActionResult.Failed(code, shorten(output));
        }
        return switch (kind) {
            case HEARTBEAT -> byWords(output).orElseGet(ActionResult.NotRunning::new);
            case LSB ->
                byWords(output).orElseGet(() -> code == 0 ? ActionResult.done() : new ActionResult.NotRunning());
            case OCF ->
                switch (code) {
                    case 0, OCF_RUNNING_MASTER -> ActionResult.done();
                    case OCF_NOT_RUNNING -> new ActionResult.NotRunning();
                    default -> new ActionResult.Failed(code, shorten(output));
                };
        };
    }

    /**
     * COMPAT: heartbeat looks for words and ignores the exit code, so a script that prints neither does not run. An
     * init script may be silent; there the exit code is asked, which heartbeat did not do.
     */
    private static Optional<ActionResult> byWords(String output) {
        if (NOT_RUNNING.matcher(output).find()) {
            return Optional.of(new ActionResult.NotRunning());
        }
        return RUNNING.matcher(output).find() ? Optional.of(ActionResult.done()) : Optional.empty();
    }

    /** The end of what was printed, where errors stand. */
    static String shorten(String output) {
        String text = output.strip();
        return text.length() <= LONGEST_OUTPUT ? text : "... " + text.substring(text.length() - LONGEST_OUTPUT);
    }
}
