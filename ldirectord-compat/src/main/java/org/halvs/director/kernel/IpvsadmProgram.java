package org.halvs.director.kernel;

import java.util.List;

/** Runs ipvsadm. Blocks until it has ended or its time is over. */
public interface IpvsadmProgram {

    /** What came of a run. */
    sealed interface Answer {}

    /** It ran to its end. */
    record Exited(int status, String output, String errors) implements Answer {
        public boolean succeeded() {
            return status == 0;
        }
    }

    /**
     * It did not run, or not to its end.
     *
     * @param reason what happened, one line
     */
    record NotRun(String reason) implements Answer {}

    /** The path, for messages: {@code /sbin/ipvsadm}. */
    String path();

    /**
     * Runs one command line.
     *
     * @param arguments the words after the program's name
     * @param input what it reads on standard input, empty for nothing
     */
    Answer run(List<String> arguments, String input);
}
