package org.halvs.check.protocol;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckTarget;

/**
 * Service mysql, also for MariaDB: logs in, sends the request as a query and wants at least one row. The client/server protocol of MySQL 4.1 and later,
 * with the plug-ins mysql_native_password and caching_sha2_password. Immutable.
 *
 * <p>By hand: the JDBC driver is 2.5 MB and starts threads of its own, this is a handful of packets.
 */
final class MysqlCheck implements Dialogue {
    private static final int MAX_PACKET_BYTES = 1 << 24;
    private static final int MAX_ROUNDS = 10;
    private static final int UTF8 = 33;

    private static final int LONG_PASSWORD = 1;
    private static final int CONNECT_WITH_DB = 8;
    private static final int PROTOCOL_41 = 0x200;
    private static final int SECURE_CONNECTION = 0x8000;
    private static final int PLUGIN_AUTH = 0x80000;

    private static final int OK = 0x00;
    private static final int MORE_AUTHENTICATION = 0x01;
    private static final int END = 0xfe;
    private static final int SWITCH_AUTHENTICATION = 0xfe;
    private static final int ERROR = 0xff;
    private static final int FAST_SUCCESS = 3;
    private static final int FULL_AUTHENTICATION = 4;
    private static final byte[] REQUEST_PUBLIC_KEY = {2};
    private static final byte QUERY = 3;
    private static final byte[] QUIT = {1, 0, 0, 0, 1};

    private final SqlLogin login;

    MysqlCheck(Exchange exchange) {
        this.login = new SqlLogin(exchange);
    }

    @Override
    public CheckResult hold(CheckTarget target, Deadline deadline) throws IOException {
        Optional<Failed> incomplete = login.incomplete();
        if (incomplete.isPresent()) {
            return incomplete.get();
        }
        try (Connection connection = Connection.open(target, deadline)) {
            return new Session(connection).run();
        } catch (MysqlPassword.Unsupported e) {
            return new Failed(Reason.NOT_POSSIBLE, String.valueOf(e.getMessage()));
        }
    }

    /** One connection and the number of its next packet. Confined to the thread of the probe. */
    private final class Session {
        private final Connection connection;
        private int sequence;
        private String plugin = "";
        private byte[] salt = new byte[0];

        Session(Connection connection) {
            this.connection = connection;
        }

        CheckResult run() throws IOException {
            byte[] greeting = receive();
            if (type(greeting) == ERROR) {
                return error(greeting);
            }
            readGreeting(new Fields(greeting));
            send(handshakeResponse());
            Optional<CheckResult> refusal = authenticate();
            if (refusal.isPresent()) {
                return refusal.get();
            }
            sequence = 0;
            byte[] command = new byte[login.query.length + 1];
            command[0] = QUERY;
            System.arraycopy(login.query, 0, command, 1, login.query.length);
            send(command);
            CheckResult result = firstRow();
            connection.farewell(QUIT);
            return result;
        }

        private void readGreeting(Fields greeting) throws IOException {
            if (greeting.octet() != 10) {
                throw new MalformedAnswerException("not a MySQL greeting");
            }
            greeting.textToZero(); // version
            greeting.bytes(4); // thread
            byte[] first = greeting.bytes(8);
            greeting.bytes(1);
            int capabilities = greeting.octet() | greeting.octet() << 8;
            greeting.bytes(3); // character set and status
            capabilities |= greeting.octet() << 16 | greeting.octet() << 24;
            if ((capabilities & PROTOCOL_41) == 0 || (capabilities & SECURE_CONNECTION) == 0) {
                throw new MalformedAnswerException("a MySQL server older than 4.1");
            }
            int saltBytes = Math.max(12, greeting.octet() - 9);
            greeting.bytes(10);
            byte[] second = greeting.bytes(Math.min(saltBytes, 12));
            greeting.bytes(1);
            salt = concat(first, second);
            plugin = (capabilities & PLUGIN_AUTH) != 0 ? greeting.textToZero() : MysqlPassword.NATIVE;
        }

        private byte[] handshakeResponse() throws IOException {
            int capabilities = LONG_PASSWORD | PROTOCOL_41 | SECURE_CONNECTION | PLUGIN_AUTH;
            if (login.database.length > 0) {
                capabilities |= CONNECT_WITH_DB;
            }
            if (!MysqlPassword.knows(plugin)) {
                plugin = MysqlPassword.NATIVE; // the server may switch to what the account has
            }
            byte[] proof = MysqlPassword.proof(plugin, login.password, salt);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            little(out, capabilities);
            little(out, MAX_PACKET_BYTES);
            out.write(UTF8);
            out.writeBytes(new byte[23]);
            zeroTerminated(out, login.user);
            out.write(proof.length);
            out.writeBytes(proof);
            if (login.database.length > 0) {
                zeroTerminated(out, login.database);
            }
            zeroTerminated(out, plugin.getBytes(StandardCharsets.ISO_8859_1));
            return out.toByteArray();
        }

        /** Empty when the server has let us in. */
        private Optional<CheckResult> authenticate() throws IOException {
            for (int i = 0; i < MAX_ROUNDS; i++) {
                byte[] packet = receive();
                switch (type(packet)) {
                    case OK -> {
                        return Optional.empty();
                    }
                    case ERROR -> {
                        return Optional.of(error(packet));
                    }
                    case SWITCH_AUTHENTICATION -> switchPlugin(new Fields(packet));
                    case MORE_AUTHENTICATION -> continueCachingSha2(packet);
                    default -> throw new MalformedAnswerException("unexpected MySQL packet");
                }
            }
            throw new MalformedAnswerException("authentication that does not end");
        }

        private void switchPlugin(Fields packet) throws IOException {
            packet.octet();
            plugin = packet.textToZero();
            byte[] data = packet.rest();
            salt = data.length > 20 ? Arrays.copyOf(data, 20) : data;
            if (!MysqlPassword.knows(plugin)) {
                throw new MysqlPassword.Unsupported("authentication plug-in " + CheckTexts.oneLine(plugin, 40));
            }
            send(MysqlPassword.proof(plugin, login.password, salt));
        }

        private void continueCachingSha2(byte[] packet) throws IOException {
            int step = packet.length > 1 ? packet[1] : 0;
            if (step == FAST_SUCCESS) {
                return;
            }
            if (step != FULL_AUTHENTICATION) {
                throw new MalformedAnswerException("unexpected step of authentication");
            }
            send(REQUEST_PUBLIC_KEY);
            byte[] key = receive();
            if (type(key) != MORE_AUTHENTICATION) {
                throw new MalformedAnswerException("no public key");
            }
            send(MysqlPassword.encrypted(
                    login.password, salt, new String(key, 1, key.length - 1, StandardCharsets.ISO_8859_1)));
        }

        private CheckResult firstRow() throws IOException {
            byte[] packet = receive();
            if (type(packet) == ERROR) {
                return error(packet);
            }
            if (type(packet) == OK) {
                return new Failed(Reason.UNEXPECTED_ANSWER, "a request that yields no rows");
            }
            int columns = new Fields(packet).octet(); // 251 and more take several bytes; then this counts too few
            for (int i = 0; i < columns; i++) {
                receive();
            }
            byte[] next = receive();
            if (isEnd(next)) {
                next = receive();
            }
            if (type(next) == ERROR) {
                return error(next);
            }
            return isEnd(next) ? new Failed(Reason.UNEXPECTED_ANSWER, "no row") : new Passed("-");
        }

        private static boolean isEnd(byte[] packet) {
            return type(packet) == END && packet.length < 9;
        }

        private static int type(byte[] packet) {
            return packet.length == 0 ? -1 : packet[0] & 0xff;
        }

        private static CheckResult error(byte[] packet) {
            int start = packet.length > 9 && packet[3] == '#' ? 9 : Math.min(3, packet.length);
            String text = new String(packet, start, packet.length - start, StandardCharsets.ISO_8859_1);
            return new Failed(Reason.UNEXPECTED_ANSWER, CheckTexts.oneLine(text, 160));
        }

        private byte[] receive() throws IOException {
            byte[] header = connection.readFully(4);
            int length = header[0] & 0xff | (header[1] & 0xff) << 8 | (header[2] & 0xff) << 16;
            sequence = (header[3] & 0xff) + 1;
            return connection.readMessage(length);
        }

        private void send(byte[] payload) throws IOException {
            byte[] packet = new byte[payload.length + 4];
            packet[0] = (byte) payload.length;
            packet[1] = (byte) (payload.length >>> 8);
            packet[2] = (byte) (payload.length >>> 16);
            packet[3] = (byte) sequence;
            System.arraycopy(payload, 0, packet, 4, payload.length);
            connection.send(packet);
        }
    }

    /** Reads the fields of a packet. */
    private static final class Fields {
        private final byte[] packet;
        private int position;

        Fields(byte[] packet) {
            this.packet = packet;
        }

        int octet() throws MalformedAnswerException {
            return bytes(1)[0] & 0xff;
        }

        byte[] bytes(int count) throws MalformedAnswerException {
            if (count > packet.length - position) {
                throw new MalformedAnswerException("a packet that ends too early");
            }
            position += count;
            return Arrays.copyOfRange(packet, position - count, position);
        }

        byte[] rest() throws MalformedAnswerException {
            return bytes(packet.length - position);
        }

        /** Up to a zero byte or the end: old servers leave the last one out. */
        String textToZero() {
            int end = position;
            while (end < packet.length && packet[end] != 0) {
                end++;
            }
            String text = new String(packet, position, end - position, StandardCharsets.ISO_8859_1);
            position = Math.min(packet.length, end + 1);
            return text;
        }
    }

    private static void little(ByteArrayOutputStream out, int value) {
        for (int shift = 0; shift < 32; shift += 8) {
            out.write(value >>> shift);
        }
    }

    private static void zeroTerminated(ByteArrayOutputStream out, byte[] bytes) {
        out.writeBytes(bytes);
        out.write(0);
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }
}
