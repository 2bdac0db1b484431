package org.halvs.check.protocol;

import java.io.IOException;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Reason;

/**
 * A reply of SMTP (RFC 5321 section 4.2) or FTP (RFC 959 section 4.2): three digits and a text, perhaps of several lines. Immutable.
 *
 * @param code 100 to 599
 * @param text the text of the last line
 */
record Reply(int code, String text) {
    private static final int MAX_LINES = 500;

    static Reply read(Connection connection) throws IOException {
        for (int i = 0; i < MAX_LINES; i++) {
            String line = connection.readLine();
            int code = codeOf(line);
            if (code > 0 && (line.length() == 3 || line.charAt(3) == ' ')) {
                return new Reply(code, line.substring(Math.min(4, line.length())));
            }
            boolean continues = code > 0 && line.charAt(3) == '-';
            if (!continues && i == 0) {
                throw new MalformedAnswerException("not a reply: " + CheckTexts.oneLine(line, 60));
            }
        }
        throw new MalformedAnswerException("a reply of more than " + MAX_LINES + " lines");
    }

    private static int codeOf(String line) {
        if (line.length() < 3) {
            return -1;
        }
        int code = 0;
        for (int i = 0; i < 3; i++) {
            int digit = line.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            code = code * 10 + digit;
        }
        return code >= 100 && code <= 599 ? code : -1;
    }

    boolean positive() {
        return code / 100 == 2;
    }

    Failed refusal() {
        return new Failed(Reason.UNEXPECTED_ANSWER, code + " " + CheckTexts.oneLine(text, 120));
    }
}
