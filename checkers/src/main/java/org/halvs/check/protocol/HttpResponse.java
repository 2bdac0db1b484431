package org.halvs.check.protocol;

import java.io.EOFException;
import java.io.IOException;
import java.util.Locale;

/**
 * Reads one HTTP/1.x response (RFC 9112) and keeps of it what a check needs. Confined to the thread of its probe.
 *
 * <p>Header and status line together may have {@link #MAX_HEADER_BYTES}. The body is read to its end even if nobody looks at it, because a
 * server that stops in the middle of an answer is not well; but not beyond {@link AnswerBody#MAX_BYTES}.
 */
final class HttpResponse {
    static final int MAX_HEADER_BYTES = 64 * 1024;

    private static final int INTERIM_LIMIT = 8;

    private final Connection connection;
    private int headerBytes;
    private int status;
    private String statusLine = "";
    private String location = "";
    private long contentLength;
    private boolean chunked;

    private HttpResponse(Connection connection) {
        this.connection = connection;
    }

    /** Reads up to the end of the header of the final response. */
    static HttpResponse readHeader(Connection connection) throws IOException {
        HttpResponse response = new HttpResponse(connection);
        for (int i = 0; i < INTERIM_LIMIT; i++) {
            response.readStatusAndFields();
            if (response.status >= 200) {
                return response;
            }
        }
        throw new MalformedAnswerException("too many interim responses");
    }

    int status() {
        return status;
    }

    /** Status and reason: {@code 200 OK}. */
    String statusLine() {
        return statusLine;
    }

    /** The target of a redirect, empty when there is none. */
    String location() {
        return location;
    }

    private void readStatusAndFields() throws IOException {
        contentLength = -1;
        chunked = false;
        location = "";
        String line = headerLine();
        // HTTP/1.1 SP 3DIGIT [SP reason]
        if (!line.startsWith("HTTP/") || line.indexOf(' ') < 0) {
            throw new MalformedAnswerException("not an HTTP answer: " + CheckTexts.oneLine(line, 60));
        }
        statusLine = line.substring(line.indexOf(' ') + 1).strip();
        status = statusCode(statusLine);
        for (String field = headerLine(); !field.isEmpty(); field = headerLine()) {
            readField(field);
        }
    }

    private static int statusCode(String text) throws MalformedAnswerException {
        boolean threeDigits = text.length() >= 3 && (text.length() == 3 || text.charAt(3) == ' ');
        int code = 0;
        for (int i = 0; threeDigits && i < 3; i++) {
            char digit = text.charAt(i);
            threeDigits = digit >= '0' && digit <= '9';
            code = code * 10 + digit - '0';
        }
        if (!threeDigits || code < 100) {
            throw new MalformedAnswerException("not an HTTP status: " + CheckTexts.oneLine(text, 60));
        }
        return code;
    }

    private void readField(String field) throws IOException {
        int colon = field.indexOf(':');
        if (colon < 0) {
            return; // old servers fold lines and say odd things; only what we understand counts
        }
        String value = field.substring(colon + 1).strip();
        switch (colon) {
            case 8 -> location = named(field, "location") ? value : location;
            case 14 -> {
                if (named(field, "content-length")) {
                    contentLength = length(value);
                }
            }
            case 17 ->
                chunked |= named(field, "transfer-encoding")
                        && value.toLowerCase(Locale.ROOT).endsWith("chunked");
            default -> {}
        }
    }

    private static boolean named(String field, String name) {
        return field.regionMatches(true, 0, name, 0, name.length());
    }

    private static long length(String value) throws MalformedAnswerException {
        try {
            long length = Long.parseLong(value);
            if (length >= 0) {
                return length;
            }
        } catch (NumberFormatException e) {
            // falls through
        }
        throw new MalformedAnswerException("not a content length: " + CheckTexts.oneLine(value, 30));
    }

    private String headerLine() throws IOException {
        String line = connection.readLine(Math.max(0, MAX_HEADER_BYTES - headerBytes));
        headerBytes += line.length() + 2;
        if (headerBytes > MAX_HEADER_BYTES) {
            throw new MalformedAnswerException("a header of more than " + MAX_HEADER_BYTES + " bytes");
        }
        return line;
    }

    /** Reads the body into {@code body}; of one that is cut off by the end of the connection, what came. */
    void readBody(boolean head, AnswerBody body) throws IOException {
        if (head || status == 204 || status == 304) {
            return;
        }
        if (chunked) {
            readChunks(body);
        } else {
            copy(contentLength < 0 ? Long.MAX_VALUE : contentLength, body);
        }
    }

    private void readChunks(AnswerBody body) throws IOException {
        while (true) {
            String line = connection.readLine(1024);
            int end = line.indexOf(';');
            long size = chunkSize((end < 0 ? line : line.substring(0, end)).strip());
            if (size == 0) {
                return; // the trailer, if any, is nobody's concern: the connection is closed after it
            }
            if (!copy(size, body)) {
                return;
            }
            if (!connection.readLine(16).isEmpty()) {
                throw new MalformedAnswerException("a chunk longer than announced");
            }
        }
    }

    private static long chunkSize(String text) throws MalformedAnswerException {
        try {
            long size = Long.parseLong(text, 16);
            if (size >= 0) {
                return size;
            }
        } catch (NumberFormatException e) {
            // falls through
        }
        throw new MalformedAnswerException("not a chunk size: " + CheckTexts.oneLine(text, 30));
    }

    /** Copies up to {@code count} bytes; answers false when the connection or the room ended before. */
    private boolean copy(long count, AnswerBody body) throws IOException {
        byte[] piece = new byte[(int) Math.min(count, 4096)];
        long left = count;
        while (left > 0) {
            int read = readSome(piece, (int) Math.min(left, piece.length));
            if (read < 0) {
                return false;
            }
            left -= read;
            if (!body.append(piece, 0, read)) {
                return false;
            }
        }
        return true;
    }

    private int readSome(byte[] piece, int count) throws IOException {
        try {
            return connection.read(piece, 0, count);
        } catch (EOFException e) {
            return -1; // a TLS peer that ends without saying goodbye
        }
    }
}
