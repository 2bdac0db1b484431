package org.halvs.ha.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.halvs.ha.control.Answer;
import org.halvs.ha.control.ControlClient;
import org.halvs.ha.control.Request;

/** The programs whose names and arguments administrators already know, answered by the daemon of this machine. */
enum OldCommand {
    IPVSADM("ipvsadm", "Can't initialize ipvs: Protocol not available\n", 255);

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

    /** Runs the program with its own arguments; where no daemon answers it says what the original says without its kernel module. */
    int run(List<String> arguments) {
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
