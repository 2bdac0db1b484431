package org.halvs.check.protocol;

import java.io.IOException;
import java.util.Optional;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckTarget;

/**
 * Services imap and imaps (RFC 3501): a greeting of OK or PREAUTH and, if a login is given, a LOGIN that works. ldirectord also sent EXPUNGE, which
 * nobody wants from a check. Immutable.
 */
final class ImapCheck implements Dialogue {
    private static final int MAX_LINES = 500;

    private final Optional<Tls> tls;
    private final String login;
    private final String password;

    ImapCheck(Exchange exchange, Optional<Tls> tls) {
        this.tls = tls;
        this.login = exchange.login();
        this.password = exchange.password();
    }

    @Override
    public CheckResult hold(CheckTarget target, Deadline deadline) throws IOException {
        try (Connection connection = tls.isPresent()
                ? Connection.openTls(target, tls.get(), "", deadline)
                : Connection.open(target, deadline)) {
            String greeting = connection.readLine();
            if (greeting.startsWith("* BYE")) {
                return refused(greeting);
            }
            if (!greeting.startsWith("* OK") && !greeting.startsWith("* PREAUTH")) {
                throw new MalformedAnswerException("not an IMAP greeting: " + CheckTexts.oneLine(greeting, 60));
            }
            if (!login.isEmpty()) {
                connection.sendLine("0 LOGIN " + atomOrQuoted(login) + " " + quoted(password));
                String answer = tagged(connection, "0 ");
                if (!answer.startsWith("0 OK")) {
                    return refused(answer);
                }
            }
            connection.farewell("1 LOGOUT");
            return new Passed("-");
        }
    }

    private static String tagged(Connection connection, String tag) throws IOException {
        for (int i = 0; i < MAX_LINES; i++) {
            String line = connection.readLine();
            if (line.startsWith(tag)) {
                return line;
            }
        }
        throw new MalformedAnswerException("no answer in " + MAX_LINES + " lines");
    }

    private static Failed refused(String line) {
        return new Failed(Reason.UNEXPECTED_ANSWER, CheckTexts.oneLine(line, 120));
    }

    private static String atomOrQuoted(String text) {
        boolean atom = text.chars().allMatch(c -> c > ' ' && c < 127 && "(){%*\"\\]".indexOf(c) < 0);
        return atom ? text : quoted(text);
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
