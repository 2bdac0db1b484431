package org.halvs.ha.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.halvs.ha.control.Answer;
import org.halvs.ha.control.ControlClient;
import org.halvs.ha.control.Request;

/** An old program whose answers come from the daemon of this machine. */
final class AskedProgram {
    private final String word;
    private final String absent;
    private final int absentExit;

    /**
     * @param absent what it prints where no daemon answers: what the original says without its kernel module
     * @param absentExit its exit status then
     */
    AskedProgram(String word, String absent, int absentExit) {
        this.word = word;
        this.absent = absent;
        this.absentExit = absentExit;
    }

    /** Runs it with its own arguments and answers the exit status. */
    int run(List<String> arguments) {
        ControlClient client = new ControlClient(new Directories().run());
        try {
            Answer answer = client.ask(new Request(word, arguments, input(arguments)))
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
    static String input(List<String> arguments) throws IOException {
        boolean reads = arguments.stream().anyMatch(a -> a.equals("-R") || a.equals("--restore"));
        return reads ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8) : "";
    }
}
