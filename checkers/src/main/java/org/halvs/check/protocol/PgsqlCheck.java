package org.halvs.check.protocol;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckTarget;

/**
 * Service pgsql: logs in, sends the request as a query and wants at least one row. The frontend/backend protocol 3.0 of PostgreSQL, with the
 * authentication methods trust, password, md5 and scram-sha-256. Immutable.
 */
final class PgsqlCheck implements Dialogue {
    private static final int MAX_MESSAGE_BYTES = 1 << 24;
    private static final int MAX_MESSAGES = 1000;
    private static final int PROTOCOL_3_0 = 196608;

    private static final int AUTHENTICATED = 0;
    private static final int CLEARTEXT = 3;
    private static final int MD5 = 5;
    private static final int SASL = 10;
    private static final int SASL_CONTINUE = 11;
    private static final int SASL_FINAL = 12;
    private static final byte[] TERMINATE = {'X', 0, 0, 0, 4};

    private final SqlLogin login;

    PgsqlCheck(Exchange exchange) {
        this.login = new SqlLogin(exchange);
    }

    @Override
    public CheckResult hold(CheckTarget target, Deadline deadline) throws IOException {
        Optional<Failed> incomplete = login.incomplete();
        if (incomplete.isPresent()) {
            return incomplete.get();
        }
        try (Connection connection = Connection.open(target, deadline)) {
            connection.send(startup());
            Optional<CheckResult> refusal = authenticate(connection);
            if (refusal.isPresent()) {
                return refusal.get();
            }
            connection.send(message('Q', terminated(login.query)));
            CheckResult result = firstRow(connection);
            connection.farewell(TERMINATE);
            return result;
        }
    }

    private byte[] startup() {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        big(body, PROTOCOL_3_0);
        body.writeBytes(terminated("user".getBytes(StandardCharsets.ISO_8859_1)));
        body.writeBytes(terminated(login.user));
        if (login.database.length > 0) {
            body.writeBytes(terminated("database".getBytes(StandardCharsets.ISO_8859_1)));
            body.writeBytes(terminated(login.database));
        }
        body.write(0);
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        big(packet, body.size() + 4);
        packet.writeBytes(body.toByteArray());
        return packet.toByteArray();
    }

    /** Empty when the server is ready for a query. */
    private Optional<CheckResult> authenticate(Connection connection) throws IOException {
        Optional<Scram> scram = Optional.empty();
        for (int i = 0; i < MAX_MESSAGES; i++) {
            Message message = receive(connection);
            switch (message.type) {
                case 'E' -> {
                    return Optional.of(error(message.body));
                }
                case 'Z' -> {
                    return Optional.empty();
                }
                case 'R' -> {
                    switch (message.number()) {
                        case AUTHENTICATED -> {}
                        case CLEARTEXT -> connection.send(message('p', terminated(login.password)));
                        case MD5 -> connection.send(message('p', terminated(md5(message.after(4)))));
                        case SASL -> {
                            scram = Optional.of(Scram.begin(message.text(), login.password));
                            connection.send(message('p', scram.get().first()));
                        }
                        case SASL_CONTINUE ->
                            connection.send(message('p', orMalformed(scram).proof(message.text())));
                        case SASL_FINAL -> orMalformed(scram).verify(message.text());
                        default -> {
                            return Optional.of(
                                    new Failed(Reason.NOT_POSSIBLE, "authentication method " + message.number()));
                        }
                    }
                }
                default -> {
                    // parameters, the key for cancelling, notices
                }
            }
        }
        throw new MalformedAnswerException("authentication that does not end");
    }

    private static Scram orMalformed(Optional<Scram> scram) throws MalformedAnswerException {
        return scram.orElseThrow(() -> new MalformedAnswerException("SASL out of order"));
    }

    private static CheckResult firstRow(Connection connection) throws IOException {
        for (int i = 0; i < MAX_MESSAGES; i++) {
            Message message = receive(connection);
            switch (message.type) {
                case 'D' -> {
                    return new Passed("-");
                }
                case 'E' -> {
                    return error(message.body);
                }
                case 'Z' -> {
                    return new Failed(Reason.UNEXPECTED_ANSWER, "no row");
                }
                default -> {
                    // description of the rows, the end of a command, notices
                }
            }
        }
        throw new MalformedAnswerException("a query that does not end");
    }

    /** md5(md5(password + user) + salt), in hexadecimal. */
    private byte[] md5(byte[] salt) {
        HexFormat hex = HexFormat.of();
        byte[] inner = hex.formatHex(md5Of(login.password, login.user)).getBytes(StandardCharsets.ISO_8859_1);
        String text = "md5" + hex.formatHex(md5Of(inner, Arrays.copyOf(salt, Math.min(4, salt.length))));
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] md5Of(byte[] first, byte[] second) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            digest.update(first);
            return digest.digest(second);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no MD5", e);
        }
    }

    /** The message field of an ErrorResponse. */
    private static CheckResult error(byte[] body) {
        String[] fields = new String(body, StandardCharsets.ISO_8859_1).split("\0", -1);
        String text = "an error";
        for (String field : fields) {
            if (field.startsWith("M")) {
                text = field.substring(1);
            }
        }
        return new Failed(Reason.UNEXPECTED_ANSWER, CheckTexts.oneLine(text, 160));
    }

    private static final class Message {
        final int type;
        final byte[] body;

        Message(int type, byte[] body) {
            this.type = type;
            this.body = body;
        }

        int number() throws MalformedAnswerException {
            if (body.length < 4) {
                throw new MalformedAnswerException("a message that ends too early");
            }
            return (body[0] & 0xff) << 24 | (body[1] & 0xff) << 16 | (body[2] & 0xff) << 8 | body[3] & 0xff;
        }

        byte[] after(int count) {
            return Arrays.copyOfRange(body, Math.min(count, body.length), body.length);
        }

        String text() {
            return new String(after(4), StandardCharsets.ISO_8859_1);
        }
    }

    private static Message receive(Connection connection) throws IOException {
        int type = connection.readFully(1)[0];
        byte[] header = connection.readFully(4);
        int length = new Message(type, header).number();
        if (length < 4 || length > MAX_MESSAGE_BYTES) {
            throw new MalformedAnswerException("not a PostgreSQL message");
        }
        return new Message(type, connection.readMessage(length - 4));
    }

    private static byte[] message(char type, byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(type);
        big(out, body.length + 4);
        out.writeBytes(body);
        return out.toByteArray();
    }

    static void big(ByteArrayOutputStream out, int value) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            out.write(value >>> shift);
        }
    }

    private static byte[] terminated(byte[] bytes) {
        return Arrays.copyOf(bytes, bytes.length + 1);
    }
}
