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
    /** What a shell shows of the originals where nobody reads their output any more. */
    private static final int KILLED_BY_SIGPIPE = 128 + 13;

    /** Nobody reads the output any more; never leaves this class. */
    private static final class OutputClosed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        OutputClosed() {
            super("standard output is closed", null, false, false);
        }
    }

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
            Answer answer = client.ask(new Request(word, arguments, input(arguments)), AskedProgram::print)
                    .orElseGet(() -> Answer.failed(absentExit, absent + client.absent() + "\n"));
            print(answer.output());
            System.err.print(answer.error());
            return answer.exit();
        } catch (OutputClosed _) {
            return KILLED_BY_SIGPIPE;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A listing may be too long to be kept until its end. Who reads it may have enough before: {@code ipvsadm -Lnc | head}. */
    private static void print(String part) {
        System.out.print(part);
        System.out.flush();
        if (System.out.checkError()) {
            throw new OutputClosed();
        }
    }

    /** Standard input, for {@code ipvsadm -R}, which reads rules from it. */
    static String input(List<String> arguments) throws IOException {
        boolean reads = arguments.stream().anyMatch(a -> a.equals("-R") || a.equals("--restore"));
        return reads ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8) : "";
    }
}
