package org.halvs.dialect;

/**
 * Something a reader found in a configuration file.
 *
 * @param file the file as the administrator knows it
 * @param line from 1; 0 when it is about the file as a whole
 * @param directive the word it is about, empty when there is none
 * @param message what was found and what was expected, without secrets
 * @param remedy what to do about it, one sentence; empty when the message says it
 */
public record ConfigProblem(Severity severity, String file, int line, String directive, String message, String remedy) {

    /** How bad it is. */
    public enum Severity {
        /** The file can't take effect. */
        ERROR,
        /** The file takes effect, but perhaps not as meant. */
        WARNING,
        /** A directive that is accepted and has no effect. */
        NOTE
    }

    public static ConfigProblem error(String file, int line, String directive, String message, String remedy) {
        return new ConfigProblem(Severity.ERROR, file, line, directive, message, remedy);
    }

    public static ConfigProblem warning(String file, int line, String directive, String message, String remedy) {
        return new ConfigProblem(Severity.WARNING, file, line, directive, message, remedy);
    }

    public static ConfigProblem note(String file, int line, String directive, String message) {
        return new ConfigProblem(Severity.NOTE, file, line, directive, message, "");
    }

    public boolean isError() {
        return severity == Severity.ERROR;
    }

    /** {@code /etc/ha.d/ha.cf:12: error: deadtime: … — remedy}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(file);
        if (line > 0) {
            text.append(':').append(line);
        }
        text.append(": ")
                .append(severity.name().toLowerCase(java.util.Locale.ROOT))
                .append(": ");
        if (!directive.isEmpty()) {
            text.append(directive).append(": ");
        }
        text.append(message);
        if (!remedy.isEmpty()) {
            text.append(" -- ").append(remedy);
        }
        return text.toString();
    }
}
