package org.halvs.ldirectord;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Regular expressions as Perl reads them (perlre(1)), rewritten for {@link java.util.regex}. Pure.
 *
 * <p>Both agree on nearly everything anybody writes after {@code receive =}. Rewritten is what Java reads differently: brackets and
 * ampersands inside a class, a brace that begins no quantifier, POSIX classes, letters that a backslash does nothing to, and Python's and
 * Perl's other spellings of named groups. What only Perl has (recursion, branch reset, {@code \K}, verbs) is refused.
 */
final class PerlRegex {
    private static final String JAVA_ESCAPES = "tnrfaexcdDhHsSvVwWRXbBAGZzpPukQEN";
    private static final Pattern POSIX_SYNTAX = Pattern.compile("\\[:\\^?\\w+:\\]");
    private static final String[][] POSIX = {
        {"alpha", "Alpha"}, {"digit", "Digit"}, {"alnum", "Alnum"}, {"upper", "Upper"}, {"lower", "Lower"},
        {"punct", "Punct"}, {"graph", "Graph"}, {"print", "Print"}, {"blank", "Blank"}, {"cntrl", "Cntrl"},
        {"xdigit", "XDigit"}, {"space", "Space"}
    };

    private final String perl;
    private final StringBuilder java = new StringBuilder();
    private int at;

    /** What came of a translation. */
    sealed interface Outcome {}

    /** The expression for {@link Pattern#compile(String, int)} with {@link Pattern#UNIX_LINES}. */
    record Translated(String java) implements Outcome {}

    /** No regular expression, or none that can be had here. */
    record Invalid(String why) implements Outcome {}

    private static final class Unsupported extends RuntimeException {
        Unsupported(String what) {
            super(what, null, false, false);
        }
    }

    private PerlRegex(String perl) {
        this.perl = perl;
    }

    static Outcome translate(String perl) {
        try {
            String java = new PerlRegex(perl).rewrite();
            Pattern.compile(java, Pattern.UNIX_LINES);
            return new Translated(java);
        } catch (Unsupported e) {
            return new Invalid(e.getMessage() == null ? "" : e.getMessage());
        } catch (PatternSyntaxException e) {
            return new Invalid(e.getDescription() + " in " + perl);
        } catch (StackOverflowError e) {
            return new Invalid("nested too deeply");
        }
    }

    private String rewrite() {
        while (at < perl.length()) {
            char c = perl.charAt(at);
            switch (c) {
                case '\\' -> escape(false);
                case '[' -> bracketClass();
                case '{' -> brace();
                case '(' -> group();
                default -> {
                    java.append(c);
                    at++;
                }
            }
        }
        return java.toString();
    }

    private void escape(boolean inClass) {
        if (at + 1 >= perl.length()) {
            throw new Unsupported("a backslash at the end of " + perl);
        }
        char c = perl.charAt(at + 1);
        at += 2;
        if (c == 'K' || c == 'C') {
            throw new Unsupported("\\" + c + " is not supported");
        }
        if (c == 'g' && !inClass) {
            backReference();
        } else if (c == 'Q' || c == 'E') {
            // in a value that Perl interpolates these two mean nothing
            java.append(c);
        } else if (Character.isLetter(c) && (JAVA_ESCAPES.indexOf(c) < 0 || c == 'N' && !followedBy("{"))) {
            java.append(c == 'N' ? "[^\\n]" : String.valueOf(c));
        } else if (c == 'k' && (followedBy("{") || followedBy("'"))) {
            String name = delimited(perl.charAt(at) == '{' ? '}' : '\'');
            java.append("\\k<").append(name).append('>');
        } else {
            java.append('\\').append(c);
        }
    }

    private boolean followedBy(String text) {
        return perl.startsWith(text, at);
    }

    /** The text between the delimiter at hand and {@code close}; moves behind both. */
    private String delimited(char close) {
        int to = perl.indexOf(close, at + 1);
        if (to < 0) {
            throw new Unsupported("a missing " + close + " in " + perl);
        }
        String text = perl.substring(at + 1, to);
        at = to + 1;
        return text;
    }

    /** {@code \g1}, {@code \g{1}}, {@code \g{name}}. */
    private void backReference() {
        String reference;
        if (followedBy("{")) {
            reference = delimited('}');
        } else {
            int from = at;
            while (at < perl.length() && Character.isDigit(perl.charAt(at))) {
                at++;
            }
            reference = perl.substring(from, at);
        }
        if (reference.isEmpty() || reference.startsWith("-")) {
            throw new Unsupported("a relative back reference is not supported");
        }
        java.append(Character.isDigit(reference.charAt(0)) ? "(?:\\" + reference + ")" : "\\k<" + reference + ">");
    }

    private void bracketClass() {
        java.append('[');
        at++;
        if (followedBy("^")) {
            java.append('^');
            at++;
        }
        boolean first = true;
        while (at < perl.length()) {
            char c = perl.charAt(at);
            if (c == ']' && !first) {
                java.append(']');
                at++;
                return;
            }
            first = false;
            if (c == '\\') {
                escape(true);
            } else if (c != '[' || !posixClass()) {
                if (c == '[' || c == ']' || c == '&' || c == '^') {
                    java.append('\\');
                }
                java.append(c);
                at++;
            }
        }
        throw new Unsupported("a missing ] in " + perl);
    }

    private boolean posixClass() {
        for (String[] names : POSIX) {
            if (followedBy("[:" + names[0] + ":]")) {
                java.append("\\p{").append(names[1]).append('}');
                at += names[0].length() + 4;
                return true;
            }
            if (followedBy("[:^" + names[0] + ":]")) {
                java.append("\\P{").append(names[1]).append('}');
                at += names[0].length() + 5;
                return true;
            }
        }
        if (POSIX_SYNTAX.matcher(perl).region(at, perl.length()).lookingAt()) {
            throw new Unsupported("an unknown POSIX class in " + perl);
        }
        return false;
    }

    /** A brace that begins no quantifier stands for itself in Perl. */
    private void brace() {
        int end = at + 1;
        while (end < perl.length() && (Character.isDigit(perl.charAt(end)) || perl.charAt(end) == ',')) {
            end++;
        }
        boolean quantifier = end < perl.length()
                && perl.charAt(end) == '}'
                && perl.substring(at + 1, end).matches("\\d+(,\\d*)?");
        java.append(quantifier ? "{" : "\\{");
        at++;
    }

    private void group() {
        String[] onlyPerl = {"(?|", "(?R)", "(?{", "(??{", "(?&", "(?P>", "(*", "(?#", "(?("};
        for (String opening : onlyPerl) {
            if (followedBy(opening)) {
                throw new Unsupported(opening + " is not supported");
            }
        }
        if (perl.length() > at + 2 && followedBy("(?") && Character.isDigit(perl.charAt(at + 2))) {
            throw new Unsupported("recursion is not supported");
        }
        if (followedBy("(?P<")) {
            java.append("(?<");
            at += 4;
        } else if (followedBy("(?P=")) {
            at += 3;
            java.append("\\k<").append(delimited(')')).append('>');
        } else if (followedBy("(?'")) {
            at += 2;
            java.append("(?<").append(delimited('\'')).append('>');
        } else if (followedBy("(?^")) {
            java.append("(?");
            at += 3;
        } else {
            java.append('(');
            at++;
        }
    }
}
