package org.halvs.resource;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;

/** What came of starting, stopping or asking a resource. */
public sealed interface ActionResult {

    /** Done, or nothing was left to do. As the answer to a status request: the resource runs. */
    record Done() implements ActionResult {}

    /** As the answer to a status request: the resource does not run. */
    record NotRunning() implements ActionResult {}

    /**
     * It did not work.
     *
     * @param code the exit status of a script, 1 for agents of our own
     * @param output what it said, one line or a few, without secrets
     */
    record Failed(int code, String output) implements ActionResult {}

    /**
     * It did not end within its time and was killed.
     *
     * @param output what it had said until then
     */
    record TimedOut(Duration limit, String output) implements ActionResult {}

    static ActionResult done() {
        return new Done();
    }

    /** One line for people: what came of it, with the last lines of what it said. */
    default String text() {
        return switch (this) {
            case Done _ -> "done";
            case NotRunning _ -> "it does not run";
            case Failed(int code, String output) -> "exit status " + code + said(output);
            case TimedOut(Duration limit, String output) ->
                "no end within " + seconds(limit) + " s, killed" + said(output);
        };
    }

    private static String seconds(Duration limit) {
        return BigDecimal.valueOf(limit.toMillis(), 3).stripTrailingZeros().toPlainString();
    }

    /** The last three lines, at most 300 characters, joined to one. */
    private static String said(String output) {
        List<String> lines = output.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        String end = String.join("; ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
        if (end.length() > 300) {
            end = "..." + end.substring(end.length() - 300);
        }
        return end.isEmpty() ? "" : ": " + end;
    }
}
