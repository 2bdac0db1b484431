package org.halvs.ha.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.halvs.ha.control.Answer;
import org.halvs.ha.control.ControlClient;
import org.halvs.ha.control.Request;
import org.halvs.ipvs.admin.Ipvsadm;
import org.halvs.ipvs.admin.NameService;
import org.halvs.ipvs.admin.Outcome;
import org.halvs.ipvs.admin.RulesFileBackend;
import org.halvs.ipvs.admin.SystemNameService;

/** The programs whose names and arguments administrators already know, answered by the daemon of this machine. */
enum OldCommand {
    IPVSADM("ipvsadm", "Can't initialize ipvs: Protocol not available\n", 255);

    private static final String FILE_OPTION = "--file";
    private static final String FILE_VARIABLE = "HALVS_RULES";
    private static final int BAD_FILE = 2;

    private final String program;
    private final String absent;
    private final int absentExit;

    OldCommand(String program, String absent, int absentExit) {
        this.program = program;
        this.absent = absent;
        this.absentExit = absentExit;
    }

    static Optional<OldCommand> named(String word) {
        for (OldCommand command : values()) {
            if (command.program.equals(word)) {
                return Optional.of(command);
            }
        }
        return Optional.empty();
    }

    /**
     * Runs the program with its own arguments; where no daemon answers it says what the original says without its kernel module. With
     * {@code --file RULES} before the others, or that file's name in the environment, ipvsadm works on the file instead of the daemon's table.
     */
    int run(List<String> arguments) {
        if (!arguments.isEmpty() && arguments.getFirst().equals(FILE_OPTION)) {
            return arguments.size() < 2
                    ? usage()
                    : onFile(Path.of(arguments.get(1)), arguments.subList(2, arguments.size()));
        }
        String file = System.getenv(FILE_VARIABLE);
        if (file != null && !file.isEmpty()) {
            return onFile(Path.of(file), arguments);
        }
        return onDaemon(arguments);
    }

    private static int usage() {
        System.err.println("ipvsadm: " + FILE_OPTION + " needs the name of a file of rules");
        return BAD_FILE;
    }

    /** Edits and lists a file of rules as {@code ipvsadm -S} writes them; one that is not there yet is empty. */
    private static int onFile(Path file, List<String> arguments) {
        NameService names = new SystemNameService();
        try {
            Outcome outcome = new Ipvsadm(names).run(arguments, input(arguments), RulesFileBackend.open(file, names));
            System.out.print(outcome.stdout());
            System.out.flush();
            System.err.print(outcome.stderr());
            return outcome.exitStatus();
        } catch (IOException | UncheckedIOException e) {
            System.err.println(e.getMessage());
        }
        return BAD_FILE;
    }

    private int onDaemon(List<String> arguments) {
        ControlClient client = new ControlClient(new Directories().run());
        try {
            Answer answer = client.ask(new Request(program, arguments, input(arguments)))
                    .orElseGet(() -> Answer.failed(absentExit, absent + client.absent() + "\n"));
            System.out.print(answer.output());
            System.out.flush();
            System.err.print(answer.error());
            return answer.exit();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Standard input, for {@code ipvsadm -R}, which reads rules from it. */
    private static String input(List<String> arguments) throws IOException {
        boolean reads = arguments.stream().anyMatch(a -> a.equals("-R") || a.equals("--restore"));
        return reads ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8) : "";
    }
}
