package org.halvs.check.protocol;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** As much of the Basic Encoding Rules (X.690, in the form RFC 4511 section 5.1 restricts them to) as a bind and a search need. */
final class Ber {
    static final int SEQUENCE = 0x30;
    static final int INTEGER = 0x02;
    static final int OCTET_STRING = 0x04;
    static final int ENUMERATED = 0x0a;
    static final int BOOLEAN = 0x01;

    private Ber() {}

    static byte[] element(int tag, byte[]... contents) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (byte[] content : contents) {
            body.writeBytes(content);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        int length = body.size();
        if (length < 0x80) {
            out.write(length);
        } else {
            out.write(0x84);
            for (int shift = 24; shift >= 0; shift -= 8) {
                out.write(length >>> shift);
            }
        }
        out.writeBytes(body.toByteArray());
        return out.toByteArray();
    }

    /** An INTEGER or ENUMERATED of 0 to 127. */
    static byte[] small(int tag, int value) {
        return new byte[] {(byte) tag, 1, (byte) value};
    }

    static byte[] text(int tag, String text) {
        return element(tag, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Reads the parts of an element one after the other. Confined to one thread. */
    static final class Reader {
        private final byte[] bytes;
        private int position;
        private final int end;

        Reader(byte[] bytes) {
            this(bytes, 0, bytes.length);
        }

        private Reader(byte[] bytes, int from, int end) {
            this.bytes = bytes;
            this.position = from;
            this.end = end;
        }

        /** The next tag, not taken; -1 at the end. */
        int peek() {
            return position < end ? bytes[position] & 0xff : -1;
        }

        /** The contents of the next element, which must have this tag. */
        Reader enter(int tag) throws MalformedAnswerException {
            if (peek() != tag) {
                throw new MalformedAnswerException("unexpected element in the answer");
            }
            position++;
            int length = length();
            if (length > end - position) {
                throw new MalformedAnswerException("an element longer than the message");
            }
            Reader inner = new Reader(bytes, position, position + length);
            position += length;
            return inner;
        }

        private int length() throws MalformedAnswerException {
            int first = octet();
            if (first < 0x80) {
                return first;
            }
            int count = first & 0x7f;
            long length = 0;
            if (count == 0 || count > 4) {
                throw new MalformedAnswerException("an element of odd length");
            }
            for (int i = 0; i < count; i++) {
                length = length << 8 | octet();
            }
            if (length > end) {
                throw new MalformedAnswerException("an element longer than the message");
            }
            return (int) length;
        }

        private int octet() throws MalformedAnswerException {
            if (position >= end) {
                throw new MalformedAnswerException("an element that ends too early");
            }
            return bytes[position++] & 0xff;
        }

        /** The contents of an INTEGER or ENUMERATED of at most four bytes. */
        int number(int tag) throws MalformedAnswerException {
            Reader inner = enter(tag);
            if (inner.end - inner.position < 1 || inner.end - inner.position > 4) {
                throw new MalformedAnswerException("a number of odd length");
            }
            int value = bytes[inner.position];
            for (int i = inner.position + 1; i < inner.end; i++) {
                value = value << 8 | bytes[i] & 0xff;
            }
            return value;
        }

        /** The contents of an octet string, bytes as characters. */
        String text(int tag) throws MalformedAnswerException {
            Reader inner = enter(tag);
            return new String(bytes, inner.position, inner.end - inner.position, StandardCharsets.ISO_8859_1);
        }
    }

    /** Reads one whole element with {@code tag} from a connection and answers its contents. */
    static Reader read(Connection connection, int tag, int maxBytes) throws IOException {
        int first = connection.read();
        if (first != tag) {
            throw first < 0 ? new EOFException() : new MalformedAnswerException("not an LDAP message");
        }
        int length = connection.readFully(1)[0] & 0xff;
        if (length >= 0x80) {
            int count = length & 0x7f;
            if (count == 0 || count > 4) {
                throw new MalformedAnswerException("a message of odd length");
            }
            long value = 0;
            for (byte each : connection.readFully(count)) {
                value = value << 8 | each & 0xff;
            }
            length = (int) Math.min(value, Integer.MAX_VALUE);
        }
        if (length > maxBytes) {
            throw new MalformedAnswerException("a message of more than " + maxBytes + " bytes");
        }
        return new Reader(connection.readFully(length));
    }
}
