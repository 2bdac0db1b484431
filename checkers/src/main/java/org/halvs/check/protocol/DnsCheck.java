package org.halvs.check.protocol;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckTarget;
import org.halvs.check.protocol.ReceivePattern.Match;
import org.halvs.linux.IpAddress;

/**
 * Service dns (RFC 1035): a name has to have an address, an address a name, and one of the answers has to contain what is expected. Immutable.
 *
 * <p>Asks for A as ldirectord does; where no answer fits and the name exists, for AAAA too. CNAME records count as answers. Nothing expected means any
 * answer, which in ldirectord was never up.
 */
final class DnsCheck implements Dialogue {
    private static final String[] CODES = {
        "no error", "format error", "server failure", "no such name", "not implemented", "refused"
    };

    private final boolean datagram;
    private final String name;
    private final boolean reverse;
    private final ReceivePattern receive;

    DnsCheck(Exchange exchange) {
        this.datagram = exchange.datagram();
        this.receive = new ReceivePattern(exchange.receive());
        String request = exchange.request().startsWith("/") ? exchange.request().substring(1) : exchange.request();
        Optional<IpAddress> address = IpAddress.parse(request);
        this.reverse = address.isPresent();
        this.name = address.map(DnsMessage::reverseName).orElse(request);
        DnsMessage.query(0, name, DnsMessage.A); // fails here rather than in every probe
    }

    @Override
    public CheckResult hold(CheckTarget target, Deadline deadline) throws IOException {
        DnsMessage answer = ask(target, reverse ? DnsMessage.PTR : DnsMessage.A, deadline);
        if (!reverse && answer.code() == 0 && !anyMatches(answer, deadline)) {
            DnsMessage other = ask(target, DnsMessage.AAAA, deadline);
            answer = other.answers().isEmpty() ? answer : other;
        }
        if (answer.code() != 0) {
            String code = answer.code() < CODES.length ? CODES[answer.code()] : "code " + answer.code();
            return new Failed(Reason.UNEXPECTED_ANSWER, code);
        }
        if (anyMatches(answer, deadline)) {
            return new Passed("-");
        }
        return new Failed(
                Reason.UNEXPECTED_ANSWER,
                answer.answers().isEmpty()
                        ? "no answer for " + name
                        : "no answer that matches, but "
                                + CheckTexts.oneLine(answer.answers().getFirst(), 100));
    }

    private boolean anyMatches(DnsMessage answer, Deadline deadline) {
        for (String each : answer.answers()) {
            if (receive.find(each, deadline) == Match.FOUND) {
                return true;
            }
        }
        return false;
    }

    private DnsMessage ask(CheckTarget target, int type, Deadline deadline) throws IOException {
        int id = ThreadLocalRandom.current().nextInt(1 << 16);
        byte[] query = DnsMessage.query(id, name, type);
        if (!datagram) {
            return askByConnection(target, id, query, deadline);
        }
        DnsMessage answer;
        try (DatagramConversation conversation = new DatagramConversation(target, deadline)) {
            answer = conversation.ask(query, datagram -> {
                DnsMessage message = DnsMessage.parse(datagram);
                return answers(message, id) ? Optional.of(message) : Optional.empty();
            });
        }
        return answer.truncated() ? askByConnection(target, id, query, deadline) : answer;
    }

    private DnsMessage askByConnection(CheckTarget target, int id, byte[] query, Deadline deadline) throws IOException {
        try (Connection connection = Connection.open(target, deadline)) {
            byte[] framed = new byte[query.length + 2];
            framed[0] = (byte) (query.length >>> 8);
            framed[1] = (byte) query.length;
            System.arraycopy(query, 0, framed, 2, query.length);
            connection.send(framed);
            byte[] length = connection.readFully(2);
            DnsMessage answer = DnsMessage.parse(connection.readFully((length[0] & 0xff) << 8 | length[1] & 0xff));
            if (!answers(answer, id)) {
                throw new MalformedAnswerException("an answer to another query");
            }
            return answer;
        }
    }

    private boolean answers(DnsMessage answer, int id) {
        String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        return answer.response()
                && answer.id() == id
                && (answer.question().isEmpty() || answer.question().equals(bare.toLowerCase(Locale.ROOT)));
    }
}
