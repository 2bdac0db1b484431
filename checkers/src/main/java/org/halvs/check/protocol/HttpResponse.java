package org.halvs.check.protocol;

import java.io.EOFException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * One HTTP/1.x response (RFC 9112), of which it keeps what a check needs. It is fed with bytes as they come and does no I/O. Confined to the
 * thread of its probe.
 *
 * <p>Header and status line together may have {@link #MAX_HEADER_BYTES}. The body is read to its end even if nobody looks at it, because a
 * server that stops in the middle of an answer is not well; but not beyond {@link AnswerBody#MAX_BYTES}.
 */
final class HttpResponse implements AutoCloseable {
    static final int MAX_HEADER_BYTES = 64 * 1024;

    private static final int MAX_CHUNK_LINE_BYTES = 1024;
    private static final int INTERIM_LIMIT = 8;
    private static final byte[] NOTHING = new byte[0];

    /** What comes next. */
    private enum Part {
        STATUS_LINE,
        FIELD,
        /** A body of a known length, or one that ends with the connection. */
        BODY,
        CHUNK_SIZE,
        CHUNK,
        /** The empty line after a chunk. */
        CHUNK_END,
        /** Nothing: the response is complete. */
        END
    }

    private final boolean head;
    private final boolean following;
    private final AnswerBody body = new AnswerBody();
    private Part part = Part.STATUS_LINE;
    /** A line of which the end has not come yet. */
    private byte[] line = NOTHING;

    private int lineLength;
    private int headerBytes;
    private int interim;
    private int status;
    private String statusLine = "";
    private String location = "";
    private long contentLength = -1;
    private boolean chunked;
    /** What is still to come of the body or the chunk. */
    private long left;

    /**
     * A response of which nothing has come.
     *
     * @param head whether it has no body, as it answers HEAD
     * @param following whether the body of a redirect is of no interest
     */
    HttpResponse(boolean head, boolean following) {
        this.head = head;
        this.following = following;
    }

    int status() {
        return status;
    }

    /** Status and reason: {@code 200 OK}. */
    String statusLine() {
        return statusLine;
    }

    /** Whether it sends us elsewhere: to {@link #location()}. */
    boolean redirects() {
        return !location.isEmpty()
                && switch (status) {
                    case 301, 302, 303, 307, 308 -> true;
                    default -> false;
                };
    }

    /** The target of a redirect, empty when there is none. */
    String location() {
        return location;
    }

    /** What came of the body. */
    AnswerBody body() {
        return body;
    }

    /**
     * Takes the next {@code length} of {@code bytes}.
     *
     * @return whether the response is complete; what comes after it is of no interest
     */
    boolean feed(byte[] bytes, int length) throws MalformedAnswerException {
        int position = 0;
        while (position < length && part != Part.END) {
            position = switch (part) {
                case STATUS_LINE, FIELD, CHUNK_SIZE, CHUNK_END -> readLine(bytes, position, length);
                case BODY, CHUNK -> readBody(bytes, position, length);
                case END -> length;
            };
        }
        return part == Part.END;
    }

    /** The connection has ended. A body that is cut off by that is what came of it; any other part has to be complete. */
    void end() throws EOFException {
        if (part != Part.BODY && part != Part.CHUNK && part != Part.END) {
            throw new EOFException();
        }
        part = Part.END;
    }

    private int readLine(byte[] bytes, int from, int to) throws MalformedAnswerException {
        int end = from;
        while (end < to && bytes[end] != '\n') {
            end++;
        }
        countLine(end - from);
        if (end == to) {
            keep(bytes, from, end);
            return to;
        }
        if (lineLength == 0) {
            take(text(bytes, from, end));
        } else {
            keep(bytes, from, end);
            int length = lineLength;
            lineLength = 0;
            take(text(line, 0, length));
        }
        return end + 1;
    }

    private void countLine(int count) throws MalformedAnswerException {
        if (part == Part.STATUS_LINE || part == Part.FIELD) {
            headerBytes += count + 1;
            if (headerBytes > MAX_HEADER_BYTES) {
                throw new MalformedAnswerException("a header of more than " + MAX_HEADER_BYTES + " bytes");
            }
        } else if (lineLength + count > MAX_CHUNK_LINE_BYTES) {
            throw new MalformedAnswerException("a line of more than " + MAX_CHUNK_LINE_BYTES + " bytes");
        }
    }

    private void keep(byte[] bytes, int from, int to) {
        int length = lineLength + to - from;
        if (length > line.length) {
            line = Arrays.copyOf(line, Math.max(128, Math.max(length, line.length * 2)));
        }
        System.arraycopy(bytes, from, line, lineLength, to - from);
        lineLength = length;
    }

    private static String text(byte[] bytes, int from, int to) {
        int end = to > from && bytes[to - 1] == '\r' ? to - 1 : to;
        return new String(bytes, from, end - from, StandardCharsets.ISO_8859_1);
    }

    private void take(String text) throws MalformedAnswerException {
        switch (part) {
            case STATUS_LINE -> readStatus(text);
            case FIELD -> readFieldOrEnd(text);
            case CHUNK_SIZE -> readChunkSize(text);
            case CHUNK_END -> {
                if (!text.isEmpty()) {
                    throw new MalformedAnswerException("a chunk longer than announced");
                }
                part = Part.CHUNK_SIZE;
            }
            case BODY, CHUNK, END -> throw new IllegalStateException("a line in the part " + part);
        }
    }

    private void readStatus(String text) throws MalformedAnswerException {
        // HTTP/1.1 SP 3DIGIT [SP reason]
        if (!text.startsWith("HTTP/") || text.indexOf(' ') < 0) {
            throw new MalformedAnswerException("not an HTTP answer: " + CheckTexts.oneLine(text, 60));
        }
        statusLine = text.substring(text.indexOf(' ') + 1).strip();
        status = statusCode(statusLine);
        part = Part.FIELD;
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

    private void readFieldOrEnd(String field) throws MalformedAnswerException {
        if (!field.isEmpty()) {
            readField(field);
        } else if (status < 200) {
            expectAnother();
        } else if (head || status == 204 || status == 304 || following && redirects()) {
            part = Part.END;
        } else if (chunked) {
            part = Part.CHUNK_SIZE;
        } else {
            left = contentLength < 0 ? Long.MAX_VALUE : contentLength;
            part = left == 0 ? Part.END : Part.BODY;
        }
    }

    /** This one was an interim response. */
    private void expectAnother() throws MalformedAnswerException {
        if (++interim == INTERIM_LIMIT) {
            throw new MalformedAnswerException("too many interim responses");
        }
        contentLength = -1;
        chunked = false;
        location = "";
        part = Part.STATUS_LINE;
    }

    private void readField(String field) throws MalformedAnswerException {
        switch (field.indexOf(':')) {
            case 8 -> location = named(field, "location") ? value(field, 8) : location;
            case 14 -> {
                if (named(field, "content-length")) {
                    contentLength = length(value(field, 14));
                }
            }
            case 17 ->
                chunked |= named(field, "transfer-encoding")
                        && value(field, 17).toLowerCase(Locale.ROOT).endsWith("chunked");
            // old servers fold lines and say odd things; only what we understand counts
            default -> {}
        }
    }

    private static boolean named(String field, String name) {
        return field.regionMatches(true, 0, name, 0, name.length());
    }

    private static String value(String field, int colon) {
        return field.substring(colon + 1).strip();
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

    private void readChunkSize(String text) throws MalformedAnswerException {
        int end = text.indexOf(';');
        left = chunkSize((end < 0 ? text : text.substring(0, end)).strip());
        // the trailer after the last chunk, if any, is nobody's concern: the connection is closed after it
        part = left == 0 ? Part.END : Part.CHUNK;
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

    private int readBody(byte[] bytes, int from, int to) {
        int count = (int) Math.min(left, to - from);
        left -= count;
        if (!body.append(bytes, from, count)) {
            part = Part.END; // more than is looked at
        } else if (left == 0) {
            part = part == Part.CHUNK ? Part.CHUNK_END : Part.END;
        }
        return from + count;
    }

    @Override
    public void close() {
        body.close();
    }
}
