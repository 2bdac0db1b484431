package org.halvs.piranha;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A line of lvs.cf as words. Pure. */
final class LvsTokens {
    private LvsTokens() {}

    /**
     * The words of a line, quoted ones with their quotes; empty when a quote is not closed. There is no way to write a quote inside quotes of its
     * own kind.
     */
    static Optional<List<String>> split(String line) {
        List<String> tokens = new ArrayList<>();
        int at = 0;
        while (at < line.length()) {
            char c = line.charAt(at);
            if (isBlank(c)) {
                at++;
                continue;
            }
            int end;
            if (c == '"' || c == '\'') {
                end = line.indexOf(c, at + 1) + 1;
                if (end == 0) {
                    return Optional.empty();
                }
            } else {
                end = at;
                while (end < line.length() && !isBlank(line.charAt(end))) {
                    end++;
                }
            }
            tokens.add(line.substring(at, end));
            at = end;
        }
        return Optional.of(tokens);
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\r';
    }

    /** A word without the quotes around it. */
    static String unquoted(String token) {
        boolean quoted = token.length() >= 2
                && (token.charAt(0) == '"' || token.charAt(0) == '\'')
                && token.charAt(token.length() - 1) == token.charAt(0);
        return quoted ? token.substring(1, token.length() - 1) : token;
    }

    /** A text for the wire: {@code \r}, {@code \n}, {@code \t} and escaped quotes and backslashes resolved, other backslashes kept. */
    static String resolved(String text) {
        StringBuilder resolved = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            int known = c == '\\' && at + 1 < text.length() ? "\\rnt'\"".indexOf(text.charAt(at + 1)) : -1;
            if (known < 0) {
                resolved.append(c);
                at++;
            } else {
                resolved.append("\\\r\n\t'\"".charAt(known));
                at += 2;
            }
        }
        return resolved.toString();
    }
}
