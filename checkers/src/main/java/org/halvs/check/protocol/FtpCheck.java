package org.halvs.check.protocol;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckTarget;

/**
 * Service ftp (RFC 959): logs in and fetches a file whose text contains what is expected. The data connection is passive, unless a site wants it
 * as with ldirectord, which let the server connect back. Without a request the login is all. Immutable.
 */
final class FtpCheck implements Dialogue {
    private final String login;
    private final String password;
    private final String file;
    private final ReceivePattern receive;
    private final boolean active;

    FtpCheck(Exchange exchange, boolean active) {
        this.active = active;
        this.login = exchange.login().isEmpty() ? "anonymous" : exchange.login();
        this.password = exchange.password();
        this.file = exchange.request().startsWith("/") ? exchange.request() : "/" + exchange.request();
        this.receive = new ReceivePattern(exchange.receive());
    }

    @Override
    public CheckResult hold(CheckTarget target, Deadline deadline) throws IOException {
        try (Connection control = Connection.open(target, deadline)) {
            Reply greeting = Reply.read(control);
            if (!greeting.positive()) {
                return greeting.refusal();
            }
            Reply reply = ask(control, "USER " + login);
            if (reply.code() / 100 == 3) {
                reply = ask(control, "PASS " + password);
            }
            // COMPAT: a server that refuses the login and hands out the file all the same is up
            if (!reply.positive() && file.equals("/")) {
                return reply.refusal();
            }
            CheckResult result = file.equals("/") ? new Passed("-") : fetch(control, target, deadline);
            control.farewell("QUIT");
            return result;
        }
    }

    private CheckResult fetch(Connection control, CheckTarget target, Deadline deadline) throws IOException {
        for (String command : new String[] {"CWD /", "TYPE I"}) {
            Reply reply = ask(control, command);
            if (!reply.positive()) {
                return reply.refusal();
            }
        }
        if (active) {
            return fetchActively(control, target, deadline);
        }
        boolean ipv4 = target.address().isIpv4();
        Reply passive = ask(control, ipv4 ? "PASV" : "EPSV");
        if (!passive.positive()) {
            return passive.refusal();
        }
        // The address in the reply is ignored: behind NAT it is wrong, and a check shall not be sent elsewhere.
        int port = ipv4 ? pasvPort(passive.text()) : epsvPort(passive.text());
        try (Connection data = Connection.open(new CheckTarget(target.address(), port), deadline);
                AnswerBody body = new AnswerBody()) {
            Reply begun = ask(control, "RETR " + file);
            if (begun.code() / 100 != 1) {
                return begun.refusal();
            }
            return judge(control, data, body, deadline);
        }
    }

    private CheckResult fetchActively(Connection control, CheckTarget target, Deadline deadline) throws IOException {
        InetAddress own = control.localAddress().getAddress();
        try (TimedSocket.Listener listener = new TimedSocket.Listener(own)) {
            Reply ready = ask(control, portCommand(own, listener.getLocalPort()));
            if (!ready.positive()) {
                return ready.refusal();
            }
            Reply begun = ask(control, "RETR " + file);
            if (begun.code() / 100 != 1) {
                return begun.refusal();
            }
            try (Connection data = Connection.accept(listener, target, deadline);
                    AnswerBody body = new AnswerBody()) {
                return judge(control, data, body, deadline);
            }
        }
    }

    /** {@code PORT 192,0,2,1,195,80}, or {@code EPRT |2|2001:db8::1|50000|} (RFC 2428). */
    private static String portCommand(InetAddress own, int port) {
        return own instanceof Inet4Address
                ? "PORT " + own.getHostAddress().replace('.', ',') + "," + port / 256 + "," + port % 256
                : "EPRT |2|" + own.getHostAddress().replaceFirst("%.*", "") + "|" + port + "|";
    }

    private CheckResult judge(Connection control, Connection data, AnswerBody body, Deadline deadline)
            throws IOException {
        if (readAll(data, body)) {
            Reply done = Reply.read(control);
            if (!done.positive()) {
                return done.refusal();
            }
        }
        return receive.verdict(body, deadline);
    }

    private static Reply ask(Connection control, String command) throws IOException {
        control.sendLine(command);
        return Reply.read(control);
    }

    /** Answers false when the file is longer than we keep. */
    private static boolean readAll(Connection data, AnswerBody body) throws IOException {
        byte[] piece = new byte[4096];
        for (int count = data.read(piece, 0, piece.length); count >= 0; count = data.read(piece, 0, piece.length)) {
            if (!body.append(piece, 0, count)) {
                return false;
            }
        }
        return true;
    }

    /** {@code Entering Passive Mode (192,0,2,1,195,80)}, with or without the brackets. */
    static int pasvPort(String text) throws MalformedAnswerException {
        String numbers = text.replaceAll("^[^0-9]*", "").replaceAll("[^0-9,].*$", "");
        String[] parts = numbers.split(",", -1);
        if (parts.length == 6) {
            return port(number(parts[4], 255) * 256 + number(parts[5], 255));
        }
        throw new MalformedAnswerException("no address in: " + CheckTexts.oneLine(text, 60));
    }

    /** {@code Entering Extended Passive Mode (|||50000|)} (RFC 2428). */
    static int epsvPort(String text) throws MalformedAnswerException {
        int start = text.indexOf("|||");
        int end = start < 0 ? -1 : text.indexOf('|', start + 3);
        if (end > 0) {
            return port(number(text.substring(start + 3, end), 65535));
        }
        throw new MalformedAnswerException("no port in: " + CheckTexts.oneLine(text, 60));
    }

    private static int number(String text, int max) throws MalformedAnswerException {
        try {
            int value = Integer.parseInt(text);
            if (value >= 0 && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // falls through
        }
        throw new MalformedAnswerException("no port number: " + CheckTexts.oneLine(text, 20));
    }

    private static int port(int port) throws MalformedAnswerException {
        if (port == 0) {
            throw new MalformedAnswerException("port 0 for the data connection");
        }
        return port;
    }
}
