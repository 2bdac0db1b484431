package org.halvs.ldirectord;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.halvs.dialect.DidYouMean;
import org.halvs.ldirectord.Findings.Moment;
import org.halvs.ldirectord.LdirectordConfig.Item;
import org.halvs.ldirectord.LdirectordConfig.Statement;
import org.halvs.ldirectord.LdirectordConfig.VirtualBlock;
import org.halvs.ldirectord.ValueSyntax.Place;

/**
 * Lines to statements: indentation, comments, which directive may stand where, and the form of its value. Looks nothing up. Confined to one
 * call.
 *
 * <p>COMPAT: a block is what is indented by four blanks or more once every tab has become four blanks; a blank line ends it; comment lines
 * do not. Inside a block everything from the first {@code #} on is cut off, quotes or not; in column 0 a {@code #} is part of the value.
 */
final class LdirectordParser {
    private static final String INDENT = "    ";
    private static final Pattern COMMENT_LINE = Pattern.compile("\\s*#.*", Pattern.DOTALL);
    private static final Pattern ASSIGNMENT = Pattern.compile("([A-Za-z][\\w-]*)\\s*=\\s*(.*)", Pattern.DOTALL);
    private static final Pattern FIRST_WORD = Pattern.compile("\\s*([A-Za-z][\\w-]*)");

    private final Findings findings;
    private final List<Item> items = new ArrayList<>();
    private Optional<OpenBlock> block = Optional.empty();
    /** The line that ended the last block by being blank, 0 when something else did. */
    private int blankLineAfterBlock;

    private boolean complainedOfIndent;

    private static final class OpenBlock {
        final boolean ipv6;
        final Optional<VirtualAddress> address;
        final int line;
        final List<Statement> statements = new ArrayList<>();

        OpenBlock(boolean ipv6, Optional<VirtualAddress> address, int line) {
            this.ipv6 = ipv6;
            this.address = address;
            this.line = line;
        }

        Place place() {
            boolean mark = address.filter(VirtualAddress.Mark.class::isInstance).isPresent();
            if (ipv6) {
                return mark ? Place.MARK6 : Place.ADDRESS6;
            }
            return mark ? Place.MARK : Place.ADDRESS;
        }
    }

    private LdirectordParser(Findings findings) {
        this.findings = findings;
    }

    /** The statements of {@code text} that are in order; everything else goes to {@code findings}. */
    static LdirectordConfig parse(String text, Findings findings) {
        LdirectordParser parser = new LdirectordParser(findings);
        List<String> lines = text.isEmpty() ? List.of() : List.of(text.split("(?<=\n)"));
        for (int i = 0; i < lines.size(); i++) {
            parser.line(lines.get(i), i + 1);
        }
        parser.endBlock(lines.size(), true);
        return new LdirectordConfig(parser.items);
    }

    /**
     * Takes one line.
     *
     * @param raw with its line end, if it has one
     */
    private void line(String raw, int number) {
        if (COMMENT_LINE.matcher(raw).matches()) {
            return;
        }
        String line = raw.endsWith("\n") ? raw.substring(0, raw.length() - 1) : raw;
        if (block.isPresent()) {
            String expanded = line.replace("\t", INDENT);
            if (expanded.startsWith(INDENT) && expanded.length() > INDENT.length()) {
                blockLine(block.get(), raw, expanded, number);
                return;
            }
            endBlock(number, false);
            blankLineAfterBlock = line.isBlank() ? number : 0;
            complainedOfIndent = false;
        }
        if (!line.isBlank()) {
            globalLine(raw, line, number);
        }
    }

    private void endBlock(int readLine, boolean endsFile) {
        block.ifPresent(open ->
                items.add(new VirtualBlock(open.ipv6, open.address, open.statements, open.line, readLine, endsFile)));
        block = Optional.empty();
    }

    private void globalLine(String raw, String line, int number) {
        if (line.startsWith("supervised") && !ASSIGNMENT.matcher(line).matches()) {
            bareSupervised(line, number);
            return;
        }
        Matcher assignment = ASSIGNMENT.matcher(line);
        if (!assignment.matches()) {
            unknownGlobal(raw, line, number);
            return;
        }
        String word = assignment.group(1);
        String rest = assignment.group(2);
        if (word.equals("virtual") || word.equals("virtual6")) {
            openBlock(word.equals("virtual6"), rest, number);
            return;
        }
        Optional<Directive> directive = Directive.of(word).filter(known -> known.allowed(true));
        if (directive.isEmpty()) {
            unknownGlobal(raw, line, number);
            return;
        }
        switch (ValueSyntax.read(directive.get(), Place.GLOBAL, rest)) {
            case ValueSyntax.Accepted accepted ->
                items.add(accept(new Statement(directive.get(), accepted.value(), number)));
            case ValueSyntax.Refused refused -> refuse(directive.get(), refused.complaint(), rest, number);
            case ValueSyntax.Unquoted _ -> unknownGlobal(raw, line, number);
        }
    }

    /** COMPAT: {@code supervised} alone means yes. */
    private void bareSupervised(String line, int number) {
        if (!line.substring("supervised".length()).isBlank()) {
            refuse(Directive.SUPERVISED, Directive.SUPERVISED.complaint(true), "", number);
            return;
        }
        findings.warning(
                Moment.reading(number),
                number,
                "supervised",
                "please update your config not to use a bare supervised directive",
                "write supervised = yes");
        items.add(new Statement(Directive.SUPERVISED, "yes", number));
    }

    private void openBlock(boolean ipv6, String value, int number) {
        String word = ipv6 ? "virtual6" : "virtual";
        Moment now = Moment.reading(number);
        Optional<VirtualAddress> address = switch (VirtualAddress.read(value, ipv6)) {
            case VirtualAddress.Read read -> {
                warnOfRest(read, word, number);
                yield Optional.of(read.address());
            }
            case VirtualAddress.Refused refused -> {
                findings.error(
                        now,
                        number,
                        word,
                        refused.complaint(),
                        word + " takes address:port" + (ipv6 ? " as [2001:db8::1]:80" : "") + " or a firewall mark");
                yield Optional.empty();
            }
        };
        block = Optional.of(new OpenBlock(ipv6, address, number));
    }

    private void warnOfRest(VirtualAddress.Read read, String word, int number) {
        if (read.rest().isBlank() || read.rest().strip().startsWith("#")) {
            return;
        }
        boolean mark = read.address() instanceof VirtualAddress.Mark;
        String text = mark
                // COMPAT: virtual=192.0.2.10 without a port is firewall mark 192
                ? "read as firewall mark " + read.address() + ", because no port follows"
                : "the rest of the line is ignored: " + read.rest().strip();
        findings.ourWarning(
                Moment.reading(number), number, word, text, mark ? "write address:port if an address is meant" : "");
    }

    private void blockLine(OpenBlock open, String raw, String expanded, int number) {
        int hash = expanded.indexOf('#');
        String command = stripIndent(hash < 0 ? expanded : expanded.substring(0, hash));
        Matcher assignment = ASSIGNMENT.matcher(command);
        if (!assignment.matches()) {
            unknownInBlock(raw, command, hash >= 0, number);
            return;
        }
        Optional<Directive> directive = Directive.of(assignment.group(1)).filter(known -> known.allowed(false));
        if (directive.isEmpty()) {
            unknownInBlock(raw, command, hash >= 0, number);
            return;
        }
        if (wrongFamily(open, directive.get(), number)) {
            return;
        }
        switch (ValueSyntax.read(directive.get(), open.place(), assignment.group(2))) {
            case ValueSyntax.Accepted accepted ->
                open.statements.add(accept(new Statement(directive.get(), accepted.value(), number)));
            case ValueSyntax.Refused refused ->
                refuse(directive.get(), refused.complaint(), assignment.group(2), number);
            case ValueSyntax.Unquoted _ -> unknownInBlock(raw, command, hash >= 0, number);
        }
    }

    private static String stripIndent(String text) {
        int start = 0;
        while (start < text.length() && text.charAt(start) == ' ') {
            start++;
        }
        return text.substring(start);
    }

    private boolean wrongFamily(OpenBlock open, Directive directive, int number) {
        Directive right = switch (directive) {
            case REAL, REAL6 -> open.ipv6 ? Directive.REAL6 : Directive.REAL;
            case FALLBACK, FALLBACK6 -> open.ipv6 ? Directive.FALLBACK6 : Directive.FALLBACK;
            default -> directive;
        };
        if (right == directive) {
            return false;
        }
        String text = "cannot specify \"" + directive.word() + "\" here.  please use \"" + right.word() + "\" instead";
        findings.error(Moment.reading(number), number, directive.word(), text, "");
        return true;
    }

    private Statement accept(Statement statement) {
        Moment now = Moment.reading(statement.line());
        switch (statement.directive()) {
            case CHECKCOUNT ->
                findings.warning(
                        now,
                        statement.line(),
                        "checkcount",
                        "checkcount option is deprecated and slated for removal.  please see 'failurecount'",
                        "");
            case LOAD -> findings.note(now, statement.line(), "load", "has no effect, as in ldirectord");
            case FORK -> {
                if (statement.value().equals("yes")) {
                    findings.note(
                            now, statement.line(), "fork", "one process checks everything at once; no children needed");
                }
            }
            default -> refuseBadFallback(statement);
        }
        return statement;
    }

    /** The form of a fallback's value is looked at in its line, its names later. */
    private void refuseBadFallback(Statement statement) {
        boolean fallback = statement.directive() == Directive.FALLBACK || statement.directive() == Directive.FALLBACK6;
        if (fallback && FallbackLine.read(statement.value()) instanceof FallbackLine.BadMethod) {
            refuse(statement.directive(), FallbackLine.BAD_METHOD, statement.value(), statement.line());
        }
    }

    private void refuse(Directive directive, String complaint, String rest, int number) {
        String remedy = directive.word() + " takes " + directive.expected();
        if (rest.endsWith("\r")) {
            remedy += "; the file has Windows line ends, convert it with dos2unix";
        } else if (!rest.isEmpty() && rest.endsWith(" ")) {
            remedy += "; remove what follows the value, trailing blanks too";
        }
        findings.error(Moment.reading(number), number, directive.word(), complaint, remedy);
    }

    private void unknownGlobal(String raw, String line, int number) {
        boolean indented = Character.isWhitespace(line.charAt(0));
        if (indented && complainedOfIndent) {
            return;
        }
        String word = firstWord(line);
        String remedy = indented ? indentRemedy(word) : unknownRemedy(word, line, true, false);
        complainedOfIndent = indented && blankLineAfterBlock > 0;
        findings.error(
                Moment.reading(number),
                number,
                word,
                // COMPAT: the blank stands after the line end
                "Unknown command " + raw + " ",
                word.isEmpty() ? "unknown command" : "unknown command \"" + word + "\"",
                remedy);
    }

    private String indentRemedy(String word) {
        if (blankLineAfterBlock > 0) {
            return "the blank line " + blankLineAfterBlock + " ended the virtual service; remove it";
        }
        boolean belongsInBlock =
                Directive.of(word).filter(known -> known.allowed(false)).isPresent();
        return belongsInBlock
                ? "indent it by a tab or at least 4 blanks, right below its virtual service"
                : "global directives start in column 0";
    }

    private void unknownInBlock(String raw, String command, boolean cut, int number) {
        String word = firstWord(command);
        findings.error(
                Moment.reading(number),
                number,
                word,
                "Unknown command \"" + raw + "\"",
                command.isBlank() ? "a line of blanks inside a virtual service" : "unknown command \"" + word + "\"",
                command.isBlank() ? "remove it" : unknownRemedy(word, command, false, cut));
    }

    private static String unknownRemedy(String word, String command, boolean global, boolean cut) {
        Optional<Directive> known = Directive.of(word);
        if (known.isPresent() && !known.get().allowed(global)) {
            return global
                    ? word + " belongs under a virtual service, indented by a tab or at least 4 blanks"
                    : word + " is a global directive: put it in column 0, outside the virtual service";
        }
        if (!global && (word.equals("virtual") || word.equals("virtual6"))) {
            return "a virtual service starts in column 0";
        }
        if (known.isPresent() && command.indexOf('=') < 0) {
            return "write " + word + " = " + known.get().expected();
        }
        if (known.isPresent()) {
            return word + " takes " + known.get().expected()
                    + (cut ? "; everything from # on is a comment, even inside quotes" : "");
        }
        return DidYouMean.among(Directive.words(global), word)
                .map(meant -> "did you mean \"" + meant + "\"?")
                .orElse("ldirectord.cf has no such directive");
    }

    private static String firstWord(String text) {
        Matcher matcher = FIRST_WORD.matcher(text);
        return matcher.lookingAt() ? matcher.group(1) : "";
    }
}
