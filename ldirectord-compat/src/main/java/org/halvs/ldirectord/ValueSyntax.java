package org.halvs.ldirectord;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.halvs.check.Service;

/**
 * What ldirectord takes from the text after a directive's equals sign. Pure.
 *
 * <p>COMPAT: numbers and most words are the first fitting run of characters anywhere in the value ({@code checktimeout = abc5} is 5,
 * {@code scheduler = Wrr} is rr, {@code service = http x} is http); yes and no must be the whole rest of the line, trailing blanks included.
 */
final class ValueSyntax {
    private static final Pattern DIGITS = Pattern.compile("\\d+");
    private static final Pattern WORD = Pattern.compile("\\w+");
    private static final Pattern HYPHENATED = Pattern.compile("[\\w-]+");
    private static final Pattern SMALL_LETTERS = Pattern.compile("[a-z]+");
    private static final Pattern QUOTED = Pattern.compile("\"(.*)\"", Pattern.DOTALL);
    private static final Pattern DOTTED_QUAD = Pattern.compile("\\d+\\.\\d+\\.\\d+\\.\\d+");
    private static final Pattern SMTP_START = Pattern.compile("[0-9A-Za-z._+-].*", Pattern.DOTALL);
    private static final int MAX_PORT = 65535;
    private static final int MAX_PREFIX = 128;
    private static final int MAX_WHOLE = 1_000_000;

    static final List<String> CHECK_TYPES =
            List.of("connect", "negotiate", "ping", "off", "on", "external", "external-perl");
    static final List<String> EMAIL_STATUSES = List.of("all", "none", "starting", "running", "stopping", "reloading");

    private ValueSyntax() {}

    /** Where a value stands, as far as its meaning depends on it. */
    enum Place {
        GLOBAL,
        /** Under a virtual service by address. */
        ADDRESS,
        ADDRESS6,
        /** Under a virtual service by firewall mark. */
        MARK,
        MARK6;

        boolean global() {
            return this == GLOBAL;
        }

        boolean ipv6() {
            return this == ADDRESS6 || this == MARK6;
        }

        boolean mark() {
            return this == MARK || this == MARK6;
        }
    }

    /** What came of reading a value. */
    sealed interface Outcome {}

    /** The value as ldirectord takes it. */
    record Accepted(String value) implements Outcome {}

    /** A value that is wrong, in ldirectord's words. */
    record Refused(String complaint) implements Outcome {}

    /** A value without the quotes that belong to it: ldirectord does not know the directive without them. */
    record Unquoted() implements Outcome {}

    /**
     * Reads a value.
     *
     * @param rest everything after the equals sign and the blanks behind it, without the line end
     */
    static Outcome read(Directive directive, Place place, String rest) {
        String complaint = directive.complaint(place.global());
        return switch (directive) {
            case CHECKTIMEOUT, NEGOTIATETIMEOUT, CHECKINTERVAL, CHECKCOUNT, FAILURECOUNT ->
                first(DIGITS, rest)
                        // COMPAT: "0" is refused and "00" is not, as truth goes in Perl
                        .filter(digits -> !digits.equals("0"))
                        .<Outcome>map(Accepted::new)
                        .orElse(new Refused(complaint));
            // ours, so nothing hides in these: a number and nothing else
            case SUCCESSCOUNT -> wholeNumber(rest, 1, complaint);
            case SLOWSTART -> wholeNumber(rest, 0, complaint);
            case CONNECTTIMEOUT, TIMEOUT -> new Refused(complaint);
            case QUIESCENT, READDQUIESCENT, CLEANSTOP, AUTORELOAD, FORK, SUPERVISED, OPS ->
                rest.equals("yes") || rest.equals("no") ? new Accepted(rest) : new Refused(complaint);
            case REQUEST, RECEIVE, LOGIN, PASSWD, DATABASE, SECRET, LOAD -> quoted(rest, complaint);
            case CALLBACK, LOGFILE -> quoted(rest, "");
            case CHECKCOMMAND -> nonEmpty(quotedOrBare(rest), complaint);
            case FALLBACKCOMMAND -> nonEmpty(place.global() ? trimmed(rest) : quotedOrBare(rest), complaint);
            case VIRTUALHOST, MONITORFILE -> new Accepted(quotedOrBare(rest));
            case EMAILALERT -> nonEmpty(quotedOrBare(rest), complaint);
            case MAINTENANCEDIR, EMAILALERTFROM -> nonEmpty(trimmed(rest), complaint);
            case EXECUTE, SERVICENAME, COMMENT, REAL, REAL6, FALLBACK, FALLBACK6 -> new Accepted(trimmedEnd(rest));
            case EMAILALERTFREQ -> prefix(DIGITS, rest, complaint);
            case PERSISTENT -> found(DIGITS, rest, complaint);
            case SCHEDULER -> found(SMALL_LETTERS, rest, complaint);
            case SCHEDFLAGS -> schedulerFlags(rest, complaint);
            case SMTP -> SMTP_START.matcher(rest).matches() ? new Accepted(trimmed(rest)) : new Refused(complaint);
            case EMAILALERTSTATUS -> emailStatuses(rest);
            case CHECKTYPE -> checkType(rest, complaint);
            case CHECKPORT -> checkPort(rest, complaint);
            case SERVICE -> service(rest, complaint);
            case HTTPMETHOD -> httpMethod(rest, complaint);
            case NETMASK -> netmask(place, rest);
            case PROTOCOL -> protocol(place, rest, complaint);
        };
    }

    private static Optional<String> first(Pattern pattern, String rest) {
        Matcher matcher = pattern.matcher(rest);
        return matcher.find() ? Optional.of(matcher.group()) : Optional.empty();
    }

    private static Outcome found(Pattern pattern, String rest, String complaint) {
        return first(pattern, rest).<Outcome>map(Accepted::new).orElse(new Refused(complaint));
    }

    private static Outcome prefix(Pattern pattern, String rest, String complaint) {
        Matcher matcher = pattern.matcher(rest);
        return matcher.lookingAt() ? new Accepted(matcher.group()) : new Refused(complaint);
    }

    private static Outcome wholeNumber(String rest, int least, String complaint) {
        String digits = rest.strip();
        boolean fits = DIGITS.matcher(digits).matches() && number(digits) >= least && number(digits) <= MAX_WHOLE;
        return fits ? new Accepted(Long.toString(number(digits))) : new Refused(complaint);
    }

    private static Outcome quoted(String rest, String complaintWhenEmpty) {
        Matcher matcher = QUOTED.matcher(rest);
        if (!matcher.lookingAt()) {
            return new Unquoted();
        }
        String value = matcher.group(1);
        return value.isEmpty() && !complaintWhenEmpty.isEmpty() ? new Refused(complaintWhenEmpty) : new Accepted(value);
    }

    private static String quotedOrBare(String rest) {
        Matcher matcher = QUOTED.matcher(rest);
        return matcher.lookingAt() ? matcher.group(1) : trimmedEnd(rest);
    }

    private static Outcome nonEmpty(String value, String complaint) {
        return value.isEmpty() ? new Refused(complaint) : new Accepted(value);
    }

    private static String trimmed(String rest) {
        return rest.strip();
    }

    /** Without the carriage return of a file with Windows line ends; ldirectord keeps it and then fails to find the file. */
    private static String trimmedEnd(String rest) {
        return rest.endsWith("\r") ? rest.substring(0, rest.length() - 1) : rest;
    }

    private static Outcome schedulerFlags(String rest, String complaint) {
        Optional<String> run = first(Pattern.compile("\\S+"), rest);
        // the shell that ldirectord runs ipvsadm through takes the quotes away
        return run.<Outcome>map(flags -> new Accepted(flags.replace("\"", ""))).orElse(new Refused(complaint));
    }

    private static Outcome checkType(String rest, String complaint) {
        Optional<String> digits = first(DIGITS, rest);
        if (digits.isPresent()) {
            return new Accepted(digits.get());
        }
        return first(HYPHENATED, rest)
                .filter(CHECK_TYPES::contains)
                .<Outcome>map(Accepted::new)
                .orElse(new Refused(complaint));
    }

    private static Outcome checkPort(String rest, String complaint) {
        Optional<String> digits = first(DIGITS, rest);
        if (digits.isEmpty()) {
            return new Refused(complaint);
        }
        long port = number(digits.get());
        return port >= 1 && port <= MAX_PORT
                ? new Accepted(Long.toString(port))
                : new Refused("checkport must be in range 1..65536");
    }

    /** Any word is taken here; whether it is a service is for the compiler to say, which knows the site's own ones. */
    private static Outcome service(String rest, String complaint) {
        Optional<String> word = first(WORD, rest);
        if (word.isEmpty()) {
            return new Refused(complaint);
        }
        boolean hyphenated = Service.of(word.get()).isEmpty();
        return new Accepted(hyphenated ? first(HYPHENATED, rest).orElse(word.get()) : word.get());
    }

    private static Outcome httpMethod(String rest, String complaint) {
        return first(WORD, rest)
                .map(word -> word.toUpperCase(Locale.ROOT))
                .filter(word -> word.equals("GET") || word.equals("HEAD"))
                .<Outcome>map(Accepted::new)
                .orElse(new Refused(complaint));
    }

    private static Outcome netmask(Place place, String rest) {
        if (!place.ipv6()) {
            return DOTTED_QUAD.matcher(rest).matches()
                    ? new Accepted(rest)
                    : new Refused("invalid netmask: dotted quad notation is required");
        }
        boolean digits = DIGITS.matcher(rest).matches();
        long length = digits ? number(rest) : 0;
        return length >= 1 && length <= MAX_PREFIX
                ? new Accepted(Long.toString(length))
                : new Refused("invalid netmask: a prefix length between 1 and 128 is required");
    }

    private static Outcome protocol(Place place, String rest, String complaint) {
        Optional<String> word = first(WORD, rest);
        if (word.isEmpty()) {
            return new Refused(complaint);
        }
        if (place.mark()) {
            return word.get().equals("fwm")
                    ? new Accepted("fwm")
                    : new Refused("protocol must be fwm if the virtual service is a fwmark (a number)");
        }
        return word.get().equals("tcp") || word.get().equals("udp")
                ? new Accepted(word.get())
                : new Refused("protocol must be tcp or udp if the virtual service is an address and port");
    }

    private static Outcome emailStatuses(String rest) {
        List<String> statuses = commaList(rest);
        for (String status : statuses) {
            if (!EMAIL_STATUSES.contains(status)) {
                return new Refused("invalid email alert status at: \"" + status + "\"");
            }
        }
        if (statuses.contains("none")) {
            for (String status : statuses) {
                if (!status.equals("none")) {
                    return new Refused("invalid email alert status: \"" + status + "\" specified with \"none\"");
                }
            }
        }
        return new Accepted(String.join(", ", statuses));
    }

    /** The parts between commas, as Perl's split gives them: an empty one counts at the start and not at the end. */
    static List<String> commaList(String value) {
        return value.isEmpty() ? List.of() : List.of(value.split("\\s*,\\s*"));
    }

    /** The number of a run of digits, at most {@link Integer#MAX_VALUE} + 1 however many there are. */
    static long number(String digits) {
        long value = 0;
        for (int i = 0; i < digits.length() && value <= Integer.MAX_VALUE; i++) {
            value = value * 10 + Character.digit(digits.charAt(i), 10);
        }
        return Math.min(value, Integer.MAX_VALUE + 1L);
    }
}
