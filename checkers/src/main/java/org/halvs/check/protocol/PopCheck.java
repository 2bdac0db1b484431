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
 * Services pop and pops (RFC 1939): with a login it has to work, without one a greeting is enough. ldirectord took a server without login as
 * up even when nothing listened there. Immutable.
 */
final class PopCheck implements Dialogue {
    private static final int MAX_LIST_LINES = 500;

    private final Optional<Tls> tls;
    private final String login;
    private final String password;

    PopCheck(Exchange exchange, Optional<Tls> tls) {
        this.tls = tls;
        this.login = exchange.login();
        this.password = exchange.password();
    }

    @Override
    public CheckResult hold(CheckTarget target, Deadline deadline) throws IOException {
        try (Connection connection = tls.isPresent()
                ? Connection.openTls(target, tls.get(), "", deadline)
                : Connection.open(target, deadline)) {
            expect(connection);
            if (!login.isEmpty()) {
                connection.sendLine("CAPA");
                if (connection.readLine().startsWith("+OK")) {
                    skipList(connection);
                }
                connection.sendLine("USER " + login);
                expect(connection);
                connection.sendLine("PASS " + password);
                expect(connection);
                connection.sendLine("STAT");
                expect(connection);
            }
            connection.farewell("QUIT");
            return new Passed("-");
        } catch (Refused e) {
            return new Failed(Reason.UNEXPECTED_ANSWER, CheckTexts.oneLine(String.valueOf(e.getMessage()), 120));
        }
    }

    private static void expect(Connection connection) throws IOException {
        String line = connection.readLine();
        if (line.startsWith("-ERR")) {
            throw new Refused(line);
        }
        if (!line.startsWith("+OK")) {
            throw new MalformedAnswerException("not a POP3 answer: " + CheckTexts.oneLine(line, 60));
        }
    }

    private static void skipList(Connection connection) throws IOException {
        for (int i = 0; i < MAX_LIST_LINES; i++) {
            if (connection.readLine().equals(".")) {
                return;
            }
        }
        throw new MalformedAnswerException("a list of more than " + MAX_LIST_LINES + " lines");
    }

    private static final class Refused extends IOException {
        Refused(String message) {
            super(message);
        }
    }
}
