package org.halvs.check.protocol;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckTarget;
import org.halvs.linux.IpAddress;

/**
 * Service sip (RFC 3261): OPTIONS has to be answered with 200, by TCP or UDP. Immutable.
 *
 * <p>Unlike ldirectord's the Via header names the transport that is used, and branch and Call-ID are new each time, as the RFC wants.
 */
final class SipCheck implements Dialogue {
    private static final int MAX_LINES = 200;
    private static final int MAX_RESPONSES = 16;

    private final boolean datagram;
    private final String login;

    SipCheck(Exchange exchange) {
        this.datagram = exchange.datagram();
        this.login = exchange.login().isEmpty() ? "ldirectord@localhost" : exchange.login();
    }

    @Override
    public CheckResult hold(CheckTarget target, Deadline deadline) throws IOException {
        if (datagram) {
            try (DatagramConversation conversation = new DatagramConversation(target, deadline)) {
                byte[] request = options(conversation.localAddress());
                return conversation.ask(request, answer -> verdict(firstLine(answer)));
            }
        }
        try (Connection connection = Connection.open(target, deadline)) {
            connection.send(options(connection.localAddress()));
            for (int i = 0; i < MAX_RESPONSES; i++) {
                Optional<CheckResult> verdict = verdict(connection.readLine());
                if (verdict.isPresent()) {
                    return verdict.get();
                }
                skipHeader(connection);
            }
            throw new MalformedAnswerException("only provisional responses");
        }
    }

    private static void skipHeader(Connection connection) throws IOException {
        for (int i = 0; i < MAX_LINES; i++) {
            if (connection.readLine().isEmpty()) {
                return;
            }
        }
        throw new MalformedAnswerException("a header of more than " + MAX_LINES + " lines");
    }

    private static String firstLine(byte[] answer) {
        String text = new String(answer, StandardCharsets.ISO_8859_1);
        int end = text.indexOf('\n');
        return (end < 0 ? text : text.substring(0, end)).stripTrailing();
    }

    /** Empty for a provisional response. */
    private static Optional<CheckResult> verdict(String statusLine) throws MalformedAnswerException {
        if (!statusLine.startsWith("SIP/2.0 ")) {
            throw new MalformedAnswerException("not a SIP response: " + CheckTexts.oneLine(statusLine, 60));
        }
        String status = statusLine.substring(8);
        if (status.startsWith("1")) {
            return Optional.empty();
        }
        return Optional.of(
                status.startsWith("200")
                        ? new Passed("-")
                        : new Failed(Reason.UNEXPECTED_ANSWER, CheckTexts.oneLine(status, 120)));
    }

    private byte[] options(InetSocketAddress local) {
        IpAddress address = IpAddress.of(local.getAddress());
        String self = new CheckTarget(address, local.getPort()).toString();
        String id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        String text = "OPTIONS sip:" + login + " SIP/2.0\r\n"
                + "Via: SIP/2.0/" + (datagram ? "UDP " : "TCP ") + self + ";branch=z9hG4bK" + id + "\r\n"
                + "Max-Forwards: 70\r\n"
                + "To: <sip:" + login + ">\r\n"
                + "From: <sip:" + login + ">;tag=1928301774\r\n"
                + "Call-ID: " + id + "\r\n"
                + "CSeq: 63104 OPTIONS\r\n"
                + "Contact: <sip:" + login + ">\r\n"
                + "Accept: application/sdp\r\n"
                + "Content-Length: 0\r\n"
                + "\r\n";
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
