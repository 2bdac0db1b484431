package org.halvs.check.protocol;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckTarget;
import org.halvs.linux.IpAddress;

/**
 * Service radius (RFC 2865): a PAP Access-Request has to be answered with Access-Accept. The request carries a Message-Authenticator (RFC 3579), which
 * servers want since CVE-2024-3596; ldirectord sent none. Immutable.
 */
final class RadiusCheck implements Dialogue {
    private static final int ACCESS_REQUEST = 1;
    private static final int ACCESS_ACCEPT = 2;
    private static final int ACCESS_REJECT = 3;
    private static final int USER_NAME = 1;
    private static final int USER_PASSWORD = 2;
    private static final int NAS_IP_ADDRESS = 4;
    private static final int MESSAGE_AUTHENTICATOR = 80;
    private static final int NAS_IPV6_ADDRESS = 95;
    private static final int HEADER_BYTES = 20;
    private static final int BLOCK_BYTES = 16;
    private static final int MAX_PASSWORD_BYTES = 128;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final byte[] user;
    private final byte[] password;
    private final byte[] secret;

    RadiusCheck(Exchange exchange) {
        this.user = exchange.login().getBytes(StandardCharsets.ISO_8859_1);
        this.password = exchange.password().getBytes(StandardCharsets.ISO_8859_1);
        this.secret = exchange.secret().getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public CheckResult hold(CheckTarget target, Deadline deadline) throws IOException {
        if (secret.length == 0 || user.length > 253 || password.length > MAX_PASSWORD_BYTES) {
            return new Failed(
                    Reason.NOT_POSSIBLE,
                    secret.length == 0 ? "a radius check needs a secret" : "login or password is too long");
        }
        boolean[] forged = new boolean[1];
        try (DatagramConversation conversation = new DatagramConversation(target, deadline)) {
            byte[] request = request(IpAddress.of(conversation.localAddress().getAddress()));
            return conversation.ask(request, answer -> {
                Optional<CheckResult> verdict = judge(answer, request);
                forged[0] |= verdict.isEmpty();
                return verdict;
            });
        } catch (SocketTimeoutException e) {
            if (forged[0]) {
                return new Failed(Reason.PROTOCOL_ERROR, "answers that are not signed with this secret");
            }
            throw e;
        }
    }

    private byte[] request(IpAddress self) {
        byte[] authenticator = new byte[BLOCK_BYTES];
        RANDOM.nextBytes(authenticator);
        ByteArrayOutputStream attributes = new ByteArrayOutputStream();
        attribute(attributes, MESSAGE_AUTHENTICATOR, new byte[BLOCK_BYTES]);
        attribute(attributes, USER_NAME, user);
        attribute(attributes, USER_PASSWORD, hiddenPassword(authenticator));
        attribute(attributes, self.isIpv4() ? NAS_IP_ADDRESS : NAS_IPV6_ADDRESS, self.bytes());
        int length = HEADER_BYTES + attributes.size();
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(ACCESS_REQUEST);
        packet.write(authenticator[0]);
        packet.write(length >>> 8);
        packet.write(length);
        packet.writeBytes(authenticator);
        packet.writeBytes(attributes.toByteArray());
        byte[] bytes = packet.toByteArray();
        byte[] mac = hmacMd5(bytes);
        System.arraycopy(mac, 0, bytes, HEADER_BYTES + 2, mac.length);
        return bytes;
    }

    private static void attribute(ByteArrayOutputStream out, int type, byte[] value) {
        out.write(type);
        out.write(value.length + 2);
        out.writeBytes(value);
    }

    /** RFC 2865 section 5.2: c(i) = p(i) xor MD5(secret + c(i-1)), c(0) being the request authenticator. */
    private byte[] hiddenPassword(byte[] authenticator) {
        int blocks = Math.max(1, (password.length + BLOCK_BYTES - 1) / BLOCK_BYTES);
        byte[] hidden = Arrays.copyOf(password, blocks * BLOCK_BYTES);
        byte[] previous = authenticator;
        for (int block = 0; block < blocks; block++) {
            byte[] mask = md5(secret, previous);
            for (int i = 0; i < BLOCK_BYTES; i++) {
                hidden[block * BLOCK_BYTES + i] ^= mask[i];
            }
            previous = Arrays.copyOfRange(hidden, block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES);
        }
        return hidden;
    }

    /** Empty for what is no answer to this request: RFC 2865 has the client ignore it. */
    private Optional<CheckResult> judge(byte[] answer, byte[] request) {
        if (answer.length < HEADER_BYTES || answer[1] != request[1]) {
            return Optional.empty();
        }
        int length = (answer[2] & 0xff) << 8 | answer[3] & 0xff;
        if (length < HEADER_BYTES || length > answer.length) {
            return Optional.empty();
        }
        byte[] signed = Arrays.copyOf(answer, length);
        System.arraycopy(request, 4, signed, 4, BLOCK_BYTES);
        byte[] received = Arrays.copyOfRange(answer, 4, HEADER_BYTES);
        if (!MessageDigest.isEqual(md5(signed, secret), received)) {
            return Optional.empty();
        }
        return Optional.of(
                switch (answer[0]) {
                    case ACCESS_ACCEPT -> new Passed("-");
                    case ACCESS_REJECT -> new Failed(Reason.UNEXPECTED_ANSWER, "access rejected");
                    default -> new Failed(Reason.UNEXPECTED_ANSWER, "answer of code " + answer[0]);
                });
    }

    private static byte[] md5(byte[] first, byte[] second) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            digest.update(first);
            return digest.digest(second);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no MD5", e);
        }
    }

    private byte[] hmacMd5(byte[] packet) {
        try {
            Mac mac = Mac.getInstance("HmacMD5");
            mac.init(new SecretKeySpec(secret, "HmacMD5"));
            return mac.doFinal(packet);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no HMAC-MD5", e);
        }
    }
}
