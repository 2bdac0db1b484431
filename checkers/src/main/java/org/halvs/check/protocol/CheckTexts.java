package org.halvs.check.protocol;

import org.halvs.check.CheckResult;

/** Texts of servers as parts of ours. */
final class CheckTexts {
    private CheckTexts() {}

    /** At most {@code max} characters of {@code text}, on one line. */
    static String oneLine(String text, int max) {
        String line = CheckResult.oneLine(text.length() > max ? text.substring(0, max) : text);
        return text.length() > max ? line + "..." : line;
    }
}
