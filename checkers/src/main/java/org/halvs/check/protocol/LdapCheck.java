package org.halvs.check.protocol;

import java.io.IOException;
import java.util.Optional;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckTarget;
import org.halvs.check.protocol.ReceivePattern.Match;

/**
 * Services ldap and ldaps (RFC 4511): a bind, simple with the login or anonymous, and a search for the entry the request names; exactly one has to be
 * there and its name has to contain what is expected. Immutable.
 *
 * <p>By hand rather than by the JDK's LDAP provider, which keeps a platform thread for each connection and cannot be cancelled.
 */
final class LdapCheck implements Dialogue {
    private static final int MAX_MESSAGES = 100;

    private static final int BIND_REQUEST = 0x60;
    private static final int BIND_RESPONSE = 0x61;
    private static final int SIMPLE = 0x80;
    private static final int SEARCH_REQUEST = 0x63;
    private static final int SEARCH_ENTRY = 0x64;
    private static final int SEARCH_REFERENCE = 0x73;
    private static final int SEARCH_DONE = 0x65;
    private static final int PRESENT = 0x87;
    private static final int UNSOLICITED = 0x78;
    private static final byte[] UNBIND = {0x30, 0x05, 0x02, 0x01, 0x03, 0x42, 0x00};

    private final Optional<Tls> tls;
    private final byte[] bind;
    private final byte[] search;
    private final ReceivePattern receive;

    LdapCheck(Exchange exchange, Optional<Tls> tls) {
        this.tls = tls;
        this.receive = new ReceivePattern(exchange.receive());
        String base = exchange.request().startsWith("/") ? exchange.request().substring(1) : exchange.request();
        boolean anonymous = exchange.login().isEmpty() || exchange.password().isEmpty();
        this.bind = message(
                1,
                Ber.element(
                        BIND_REQUEST,
                        Ber.small(Ber.INTEGER, 3),
                        Ber.text(Ber.OCTET_STRING, anonymous ? "" : exchange.login()),
                        Ber.text(SIMPLE, anonymous ? "" : exchange.password())));
        this.search = message(
                2,
                Ber.element(
                        SEARCH_REQUEST,
                        Ber.text(Ber.OCTET_STRING, base),
                        Ber.small(Ber.ENUMERATED, 0), // scope: the base object alone
                        Ber.small(Ber.ENUMERATED, 2), // dereference aliases when finding it
                        Ber.small(Ber.INTEGER, 0),
                        Ber.small(Ber.INTEGER, 0),
                        Ber.small(Ber.BOOLEAN, 0),
                        Ber.text(PRESENT, "objectClass"),
                        Ber.element(Ber.SEQUENCE, Ber.text(Ber.OCTET_STRING, "1.1")))); // no attributes
    }

    private static byte[] message(int id, byte[] operation) {
        return Ber.element(Ber.SEQUENCE, Ber.small(Ber.INTEGER, id), operation);
    }

    @Override
    public CheckResult hold(CheckTarget target, Deadline deadline) throws IOException {
        try (Connection connection = tls.isPresent()
                ? Connection.openTls(target, tls.get(), "", deadline)
                : Connection.open(target, deadline)) {
            connection.send(bind);
            Ber.Reader response = nextMessage(connection, 1);
            int code = response.enter(BIND_RESPONSE).number(Ber.ENUMERATED);
            if (code != 0) {
                return new Failed(Reason.UNEXPECTED_ANSWER, "bind refused, result code " + code);
            }
            connection.send(search);
            CheckResult result = entries(connection, deadline);
            connection.farewell(UNBIND);
            return result;
        }
    }

    private CheckResult entries(Connection connection, Deadline deadline) throws IOException {
        int entries = 0;
        Match match = Match.NOT_FOUND;
        for (int i = 0; i < MAX_MESSAGES; i++) {
            Ber.Reader response = nextMessage(connection, 2);
            switch (response.peek()) {
                case SEARCH_ENTRY -> {
                    entries++;
                    match = receive.find(response.enter(SEARCH_ENTRY).text(Ber.OCTET_STRING), deadline);
                }
                case SEARCH_REFERENCE -> {
                    // somewhere else is not here
                }
                default -> {
                    int code = response.enter(SEARCH_DONE).number(Ber.ENUMERATED);
                    if (code != 0) {
                        return new Failed(Reason.UNEXPECTED_ANSWER, "search failed, result code " + code);
                    }
                    return verdict(entries, match);
                }
            }
        }
        throw new MalformedAnswerException("more than " + MAX_MESSAGES + " answers to one search");
    }

    private static CheckResult verdict(int entries, Match match) {
        if (entries != 1) {
            return new Failed(Reason.UNEXPECTED_ANSWER, entries + " entries instead of one");
        }
        return match == Match.FOUND ? new Passed("-") : ReceivePattern.verdict(match);
    }

    /** The operation of the next message with this id. */
    private static Ber.Reader nextMessage(Connection connection, int id) throws IOException {
        Ber.Reader message = Ber.read(connection, Ber.SEQUENCE, Connection.MAX_MESSAGE_BYTES);
        int got = message.number(Ber.INTEGER);
        if (got == 0 && message.peek() == UNSOLICITED) {
            throw new MalformedAnswerException("the server disconnects");
        }
        if (got != id) {
            throw new MalformedAnswerException("an answer to message " + got + " instead of " + id);
        }
        return message;
    }
}
