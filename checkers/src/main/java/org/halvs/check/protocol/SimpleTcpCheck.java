package org.halvs.check.protocol;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckTarget;
import org.halvs.check.protocol.ReceivePattern.Match;

/**
 * Service simpletcp: sends the request, ends its side of the connection, and is content when one line of the answer contains what is expected. By
 * UDP the request is one datagram and so is each answer. Immutable.
 */
final class SimpleTcpCheck implements Dialogue {
    private final boolean datagram;
    private final byte[] request;
    private final ReceivePattern receive;

    SimpleTcpCheck(Exchange exchange) {
        this.datagram = exchange.datagram();
        String text = exchange.request().startsWith("/") ? exchange.request().substring(1) : exchange.request();
        this.request = text.replace("\\n", "\n").getBytes(StandardCharsets.ISO_8859_1);
        this.receive = new ReceivePattern(exchange.receive());
    }

    @Override
    public CheckResult hold(CheckTarget target, Deadline deadline) throws IOException {
        return datagram ? byDatagram(target, deadline) : byConnection(target, deadline);
    }

    private CheckResult byConnection(CheckTarget target, Deadline deadline) throws IOException {
        try (Connection connection = Connection.open(target, deadline);
                AnswerBody line = new AnswerBody()) {
            if (request.length > 0) {
                connection.send(request);
            }
            connection.finishSending();
            Match best = Match.NOT_FOUND;
            byte[] one = new byte[1];
            int total = 0;
            for (int next = connection.read();
                    next >= 0 && total < AnswerBody.MAX_BYTES;
                    next = connection.read(), total++) {
                one[0] = (byte) next;
                boolean kept = line.append(one, 0, 1);
                if (next == '\n' || !kept) {
                    best = receive.find(line.text(), deadline);
                    line.clear();
                    if (best != Match.NOT_FOUND) {
                        return ReceivePattern.verdict(best);
                    }
                }
            }
            if (line.length() > 0) {
                best = receive.find(line.text(), deadline);
            }
            return ReceivePattern.verdict(best);
        }
    }

    private CheckResult byDatagram(CheckTarget target, Deadline deadline) throws IOException {
        try (DatagramConversation conversation = new DatagramConversation(target, deadline)) {
            return conversation.ask(request, answer -> {
                String[] lines = new String(answer, StandardCharsets.ISO_8859_1).split("(?<=\n)");
                for (String line : lines) {
                    if (receive.find(line, deadline) == Match.FOUND) {
                        return Optional.of(ReceivePattern.verdict(Match.FOUND));
                    }
                }
                return Optional.of(ReceivePattern.verdict(Match.NOT_FOUND));
            });
        }
    }
}
