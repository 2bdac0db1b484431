package org.halvs.ldirectord.cli;

import java.util.List;
import java.util.Optional;

/** What a command line asks for. */
public sealed interface Invocation {

    /**
     * A verb for one configuration.
     *
     * @param debug stay in the foreground and say everything
     * @param config as typed; {@code ldirectord.cf} when only a verb was
     * @param instance the name of the daemon, which log lines and the pid file carry
     */
    record Act(boolean debug, String config, String instance, Verb verb) implements Invocation {}

    /** {@code -v}. */
    record ShowVersion() implements Invocation {}

    /** {@code -h}. */
    record ShowHelp() implements Invocation {}

    /**
     * Nothing that makes sense.
     *
     * @param complaint a line for standard error before the usage; empty for none
     */
    record Misuse(String complaint) implements Invocation {}

    /** The long options; any beginning that only one has will do. */
    List<String> LONG_OPTIONS = List.of("debug", "help", "version");

    /** Reads the arguments. Options come first; {@code --} ends them. */
    static Invocation parse(List<String> arguments) {
        boolean debug = false;
        int at = 0;
        while (at < arguments.size()
                && arguments.get(at).startsWith("-")
                && arguments.get(at).length() > 1) {
            String argument = arguments.get(at);
            at++;
            if (argument.equals("--")) {
                break;
            }
            Optional<String> option = option(argument);
            if (option.isEmpty()) {
                return new Misuse("Unknown option: " + argument.replaceFirst("^--?", ""));
            }
            switch (option.get()) {
                case "help" -> {
                    return new ShowHelp();
                }
                case "version" -> {
                    return new ShowVersion();
                }
                default -> debug = true;
            }
        }
        return act(debug, arguments.subList(at, arguments.size()));
    }

    private static Optional<String> option(String argument) {
        String name = argument.replaceFirst("^--?", "");
        if (name.equals("?")) {
            return Optional.of("help");
        }
        List<String> meant =
                LONG_OPTIONS.stream().filter(known -> known.startsWith(name)).toList();
        return meant.size() == 1 && !name.isEmpty() ? Optional.of(meant.getFirst()) : Optional.empty();
    }

    private static Invocation act(boolean debug, List<String> words) {
        if (words.isEmpty() || words.size() > 2) {
            return new Misuse("");
        }
        Optional<Verb> verb = Verb.of(words.getLast());
        if (verb.isEmpty()) {
            return new Misuse("");
        }
        if (words.size() == 1) {
            return new Act(debug, "ldirectord.cf", "ldirectord", verb.get());
        }
        String config = words.getFirst();
        return new Act(debug, config, config.substring(config.lastIndexOf('/') + 1), verb.get());
    }
}
