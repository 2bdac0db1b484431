package org.halvs.director.kernel;

/**
 * A command line ipvsadm refused, or that could not be run.
 *
 * @param program its path
 * @param line the words after the program's name
 * @param message what ipvsadm said, or why it did not run; one line
 */
public record CommandFailure(String program, String line, String message) {

    /** As ldirectord logs it, but with the true reason: {@code system(/sbin/ipvsadm -A …) failed: Service already exists}. */
    public String describe() {
        return "system(" + program + " " + line + ") failed: " + message;
    }
}
