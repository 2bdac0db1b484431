package org.halvs.check.protocol;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec.SendExpect;
import org.halvs.check.CheckTarget;

/**
 * The check of Piranha's nanny: sends a text and looks at the beginning of the answer. Immutable.
 *
 * <p>The nanny read once and failed when the first segment was short; here reading goes on until enough has come, which no server that was up
 * there is down by. An expression is searched in the first {@value #WINDOW} bytes.
 */
final class SendExpectCheck implements Dialogue {
    /** The nanny's buffer. */
    static final int WINDOW = 254;

    private final SendExpect spec;
    private final byte[] request;
    private final ReceivePattern pattern;

    SendExpectCheck(SendExpect spec) {
        this.spec = spec;
        this.request = spec.send().getBytes(StandardCharsets.ISO_8859_1);
        this.pattern = new ReceivePattern(spec.regularExpression() ? spec.expect() : "");
    }

    @Override
    public CheckResult hold(CheckTarget target, Deadline deadline) throws IOException {
        if (spec.datagram()) {
            try (DatagramConversation conversation = new DatagramConversation(target, deadline)) {
                return conversation.ask(request, answer -> Optional.of(verdict(text(answer, answer.length), deadline)));
            }
        }
        try (Connection connection = Connection.open(target, deadline)) {
            if (request.length > 0) {
                connection.send(request);
            }
            return spec.expect().isEmpty() ? new Passed("connected") : read(connection, deadline);
        }
    }

    private CheckResult read(Connection connection, Deadline deadline) throws IOException {
        byte[] answer = new byte[WINDOW];
        int length = 0;
        int enough = spec.regularExpression() ? WINDOW : Math.min(WINDOW, expectedLength());
        while (length < enough) {
            int count = connection.read(answer, length, WINDOW - length);
            if (count < 0) {
                break;
            }
            length += count;
            CheckResult soFar = verdict(text(answer, length), deadline);
            if (soFar.passed()) {
                return soFar;
            }
        }
        return verdict(text(answer, length), deadline);
    }

    private int expectedLength() {
        return spec.expect().equals("*") ? 1 : spec.expect().length();
    }

    private static String text(byte[] bytes, int length) {
        return new String(bytes, 0, Math.min(length, WINDOW), StandardCharsets.ISO_8859_1);
    }

    private CheckResult verdict(String answer, Deadline deadline) {
        if (spec.expect().isEmpty()) {
            return new Passed("an answer");
        }
        if (spec.regularExpression()) {
            return ReceivePattern.verdict(pattern.find(answer, deadline));
        }
        if (spec.expect().equals("*") ? !answer.isEmpty() : answer.startsWith(head(spec.expect()))) {
            return new Passed("the expected answer");
        }
        return new Failed(
                Reason.UNEXPECTED_ANSWER,
                answer.isEmpty() ? "no answer before the connection closed" : "the answer does not begin as expected");
    }

    private static String head(String expect) {
        return expect.substring(0, Math.min(WINDOW, expect.length()));
    }
}
