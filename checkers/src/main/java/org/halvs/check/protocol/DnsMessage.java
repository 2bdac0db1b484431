package org.halvs.check.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.halvs.linux.IpAddress;

/**
 * A DNS answer (RFC 1035), as much of it as a check looks at. Immutable.
 *
 * @param id of the query
 * @param response whether it is one
 * @param truncated whether the rest is to be had by TCP
 * @param code 0 for success, 3 for a name that does not exist
 * @param question the name asked for, in lower case
 * @param answers the addresses and names in the answer section, as text: {@code 192.0.2.1}, {@code www.example.test}
 */
record DnsMessage(int id, boolean response, boolean truncated, int code, String question, List<String> answers) {
    static final int A = 1;
    static final int CNAME = 5;
    static final int PTR = 12;
    static final int AAAA = 28;

    private static final int HEADER_BYTES = 12;
    private static final int MAX_NAME_BYTES = 255;
    private static final int MAX_JUMPS = 64;
    private static final int MAX_RECORDS = 1000;

    /**
     * A query with recursion desired.
     *
     * @throws IllegalArgumentException when {@code name} cannot be a domain name
     */
    static byte[] query(int id, String name, int type) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) (id >>> 8), (byte) id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
        String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        if (!bare.isEmpty()) {
            for (String label : bare.split("\\.", -1)) {
                byte[] bytes = label.getBytes(StandardCharsets.ISO_8859_1);
                if (bytes.length == 0 || bytes.length > 63) {
                    throw new IllegalArgumentException("not a domain name: " + name);
                }
                out.write(bytes.length);
                out.writeBytes(bytes);
            }
        }
        out.writeBytes(new byte[] {0, (byte) (type >>> 8), (byte) type, 0, 1});
        if (out.size() - HEADER_BYTES - 4 > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("not a domain name: " + name);
        }
        return out.toByteArray();
    }

    /** The name under which the names of {@code address} stand: {@code 1.2.0.192.in-addr.arpa}. */
    static String reverseName(IpAddress address) {
        StringBuilder name = new StringBuilder();
        byte[] bytes = address.bytes();
        for (int i = bytes.length - 1; i >= 0; i--) {
            if (address.isIpv4()) {
                name.append(bytes[i] & 0xff).append('.');
            } else {
                name.append(Character.forDigit(bytes[i] & 15, 16)).append('.');
                name.append(Character.forDigit(bytes[i] >> 4 & 15, 16)).append('.');
            }
        }
        return name.append(address.isIpv4() ? "in-addr.arpa" : "ip6.arpa").toString();
    }

    static DnsMessage parse(byte[] bytes) throws MalformedAnswerException {
        return new Parser(bytes).parse();
    }

    private static final class Parser {
        private final byte[] bytes;
        private int position;

        Parser(byte[] bytes) {
            this.bytes = bytes;
        }

        DnsMessage parse() throws MalformedAnswerException {
            int id = number(2);
            int flags = number(2);
            int questions = number(2);
            int records = number(2);
            position = HEADER_BYTES;
            if (questions > 1 || records > MAX_RECORDS) {
                throw new MalformedAnswerException("a DNS message of odd counts");
            }
            String question = "";
            if (questions == 1) {
                question = name().toLowerCase(Locale.ROOT);
                skip(4);
            }
            boolean truncated = (flags & 0x0200) != 0;
            List<String> answers = truncated ? List.of() : answers(records);
            return new DnsMessage(id, (flags & 0x8000) != 0, truncated, flags & 15, question, answers);
        }

        private List<String> answers(int records) throws MalformedAnswerException {
            List<String> answers = new ArrayList<>();
            for (int i = 0; i < records; i++) {
                name();
                int type = number(2);
                skip(6);
                int length = number(2);
                int end = position + length;
                if (end > bytes.length) {
                    throw new MalformedAnswerException("a DNS record that ends too early");
                }
                switch (type) {
                    case A -> answers.add(address(length, 4));
                    case AAAA -> answers.add(address(length, 16));
                    case CNAME, PTR -> answers.add(name());
                    default -> {}
                }
                position = end;
            }
            return List.copyOf(answers);
        }

        private String address(int length, int wanted) throws MalformedAnswerException {
            if (length != wanted) {
                throw new MalformedAnswerException("an address of " + length + " bytes");
            }
            byte[] address = new byte[length];
            System.arraycopy(bytes, position, address, 0, length);
            return IpAddress.ofBytes(address).toString();
        }

        private String name() throws MalformedAnswerException {
            StringBuilder name = new StringBuilder();
            int after = -1;
            for (int jumps = 0; jumps < MAX_JUMPS && name.length() <= MAX_NAME_BYTES; ) {
                int length = number(1);
                if (length == 0) {
                    position = after < 0 ? position : after;
                    return name.toString();
                }
                if (length >= 0xc0) {
                    int to = (length & 0x3f) << 8 | number(1);
                    after = after < 0 ? position : after;
                    position = to;
                    jumps++;
                } else if (length > 63 || position + length > bytes.length) {
                    break;
                } else {
                    name.append(name.isEmpty() ? "" : ".")
                            .append(new String(bytes, position, length, StandardCharsets.ISO_8859_1));
                    position += length;
                }
            }
            throw new MalformedAnswerException("a malformed name in a DNS message");
        }

        private int number(int count) throws MalformedAnswerException {
            if (position + count > bytes.length) {
                throw new MalformedAnswerException("a DNS message that ends too early");
            }
            int value = 0;
            for (int i = 0; i < count; i++) {
                value = value << 8 | bytes[position++] & 0xff;
            }
            return value;
        }

        private void skip(int count) {
            position += count;
        }
    }
}
