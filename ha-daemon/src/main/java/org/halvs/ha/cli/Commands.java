package org.halvs.ha.cli;

import java.util.List;
import org.halvs.ha.event.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** All commands of the program. */
@Command(
        name = "halvs",
        description = "High availability and load balancing for a pair of Linux directors.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT, // every command explains itself
        versionProvider = Commands.VersionLine.class,
        subcommands = {
            HelpCommand.class,
            DaemonCommand.class,
            CheckCommand.class,
            AskingCommand.Status.class,
            AskingCommand.Events.class,
            AskingCommand.Standby.class,
            AskingCommand.Takeover.class,
            AskingCommand.Reload.class,
            AskingCommand.Plan.class,
            AskingCommand.Sysctl.class,
            AskingCommand.Drain.class,
            AskingCommand.Weight.class,
            ReplayCommand.class,
            CleanupCommand.class
        })
public final class Commands implements Runnable {
    /** What {@code halvs --version} prints. */
    static final class VersionLine implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"halvs " + Version.text()};
        }
    }

    /** There is nothing to parse then, and only to load the parser takes a tenth of the time until a node owns its addresses. */
    private static final List<String> AS_A_SERVICE = List.of("daemon");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Commands() {}

    /**
     * Runs a command line.
     *
     * @param words the first is a command of halvs, or the name of an old program, whose own arguments follow
     * @return the exit status
     */
    public static int run(List<String> words) {
        if (!words.isEmpty() && OldCommand.named(words.getFirst()).isPresent()) {
            return OldCommand.named(words.getFirst()).get().run(words.subList(1, words.size()));
        }
        if (words.equals(AS_A_SERVICE)) {
            try {
                return DaemonCommand.run(new Directories());
            } catch (RuntimeException e) {
                return failed(e);
            }
        }
        return new CommandLine(new Commands())
                .setUsageHelpWidth(100)
                .setExecutionExceptionHandler((exception, _, _) -> failed(exception))
                .execute(words.toArray(String[]::new));
    }

    private static int failed(Exception exception) {
        System.err.println("halvs: " + exception.getMessage());
        return 1;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do");
    }
}
