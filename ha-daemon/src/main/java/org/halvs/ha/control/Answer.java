package org.halvs.ha.control;

/**
 * What a command prints and how it ends.
 *
 * @param output for standard output, with its line ends
 * @param error for standard error, with its line ends
 * @param exit the exit status, 0 to 255
 */
public record Answer(String output, String error, int exit) {

    public static Answer ok(String output) {
        return new Answer(output, "", 0);
    }

    public static Answer failed(int exit, String error) {
        return new Answer("", error, exit);
    }
}
