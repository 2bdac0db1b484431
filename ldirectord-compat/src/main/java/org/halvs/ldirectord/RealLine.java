package org.halvs.ldirectord;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The value of {@code real}: an address or a range, a port, and the rest.
 *
 * <p>COMPAT: the pattern is not tied to the start of the value, so that {@code foo_bar:80} is the host bar; and each of weight, strings,
 * {@code l:} and {@code u:} is looked for behind the one before it, dropping what lies between.
 *
 * @param host the first address, with brackets for a literal IPv6 address
 * @param endHost the last address of a range
 * @param ignored what stands before the host, usually nothing
 * @param tail the method and everything after it
 */
record RealLine(String host, Optional<String> endHost, Optional<String> port, String ignored, String tail) {
    private static final String HOST = "(\\[[0-9A-Fa-f:]+\\]|[0-9A-Za-z.-]+)";
    private static final Pattern SERVER =
            Pattern.compile(HOST + "(?:->" + HOST + ")?(?::([0-9A-Za-z_-]+))?\\s+(.*)", Pattern.DOTALL);
    private static final Pattern METHOD = Pattern.compile("\\w*");
    private static final Pattern WEIGHT = Pattern.compile("\\s+(\\d+)");
    private static final Pattern STRINGS = Pattern.compile("\\s+\"(.*)\"[,\\s]\\s*\"(.*)\"", Pattern.DOTALL);
    private static final Pattern LOWER = Pattern.compile("\\s+l:(\\d+)");
    private static final Pattern UPPER = Pattern.compile("\\s+u:(\\d+)");

    /** Reads a value; empty when ldirectord calls it a wrong format. */
    static Optional<RealLine> read(String value) {
        Matcher matcher = SERVER.matcher(value);
        if (!matcher.find()) {
            return Optional.empty();
        }
        return Optional.of(new RealLine(
                matcher.group(1),
                Optional.ofNullable(matcher.group(2)),
                Optional.ofNullable(matcher.group(3)),
                value.substring(0, matcher.start()),
                matcher.group(4)));
    }

    /** The first word of the tail, which should be a forwarding method; may be empty. */
    String method() {
        Matcher matcher = METHOD.matcher(tail);
        return matcher.lookingAt() ? matcher.group() : "";
    }

    /**
     * What follows the method.
     *
     * @param weight decimal digits
     * @param leftOver what nothing could be made of; an error unless blank
     */
    record Details(
            String weight,
            Optional<String> request,
            Optional<String> receive,
            String lowerThreshold,
            String upperThreshold,
            String leftOver) {}

    Details details() {
        Rest rest = new Rest(tail.substring(method().length()));
        String weight = rest.take(WEIGHT).map(found -> found.group(1)).orElse("1");
        Optional<Matcher> strings = rest.take(STRINGS);
        String lower = rest.take(LOWER).map(found -> found.group(1)).orElse("0");
        String upper = rest.take(UPPER).map(found -> found.group(1)).orElse("0");
        return new Details(
                weight,
                strings.map(found -> found.group(1)),
                strings.map(found -> found.group(2)),
                lower,
                upper,
                rest.text);
    }

    private static final class Rest {
        private String text;

        Rest(String text) {
            this.text = text;
        }

        Optional<Matcher> take(Pattern pattern) {
            Matcher matcher = pattern.matcher(text);
            if (!matcher.find()) {
                return Optional.empty();
            }
            text = text.substring(matcher.end());
            return Optional.of(matcher);
        }
    }
}
