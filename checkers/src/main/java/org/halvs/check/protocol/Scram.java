package org.halvs.check.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) as PostgreSQL has it: no channel binding, no user name. Confined to the thread of its
 * probe.
 */
final class Scram {
    private static final String MECHANISM = "SCRAM-SHA-256";

    /** PostgreSQL's default is 4096; each costs a microsecond or so, and the server names the number. */
    private static final int MAX_ITERATIONS = 200_000;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final byte[] password;
    private final String nonce;
    private byte[] serverSignature = new byte[0];

    private Scram(byte[] password, String nonce) {
        this.password = password;
        this.nonce = nonce;
    }

    /** {@code mechanisms}: what the server offers, each ended by a zero byte. */
    static Scram begin(String mechanisms, byte[] password) throws MalformedAnswerException {
        if (!List.of(mechanisms.split("\0")).contains(MECHANISM)) {
            throw new MalformedAnswerException("no SASL mechanism in common");
        }
        byte[] random = new byte[18];
        RANDOM.nextBytes(random);
        return new Scram(password, Base64.getEncoder().encodeToString(random));
    }

    /** The body of a SASLInitialResponse. */
    byte[] first() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes((MECHANISM + "\0").getBytes(StandardCharsets.ISO_8859_1));
        byte[] text = ("n,," + firstBare()).getBytes(StandardCharsets.ISO_8859_1);
        PgsqlCheck.big(out, text.length);
        out.writeBytes(text);
        return out.toByteArray();
    }

    private String firstBare() {
        return "n=,r=" + nonce;
    }

    /** The answer to the server's first message. */
    byte[] proof(String serverFirst) throws MalformedAnswerException {
        String serverNonce = field(serverFirst, "r=");
        if (!serverNonce.startsWith(nonce)) {
            throw new MalformedAnswerException("SASL for somebody else");
        }
        int iterations = number(field(serverFirst, "i="));
        byte[] salted = saltedPassword(decode(field(serverFirst, "s=")), iterations);
        String withoutProof = "c=biws,r=" + serverNonce;
        byte[] everything = bytes(firstBare() + "," + serverFirst + "," + withoutProof);
        byte[] clientKey = hmac(salted, bytes("Client Key"));
        byte[] signature = hmac(sha256(clientKey), everything);
        for (int i = 0; i < clientKey.length; i++) {
            clientKey[i] ^= signature[i];
        }
        serverSignature = hmac(hmac(salted, bytes("Server Key")), everything);
        return bytes(withoutProof + ",p=" + Base64.getEncoder().encodeToString(clientKey));
    }

    /** Checks that the server knows the password, too. */
    void verify(String serverFinal) throws MalformedAnswerException {
        if (serverSignature.length == 0 || !MessageDigest.isEqual(serverSignature, decode(field(serverFinal, "v=")))) {
            throw new MalformedAnswerException("the server does not prove that it knows the password");
        }
    }

    /** PBKDF2 with HMAC-SHA-256 and one block (RFC 5802 section 2.2, Hi). */
    private byte[] saltedPassword(byte[] salt, int iterations) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key(password));
            mac.update(salt);
            byte[] block = mac.doFinal(new byte[] {0, 0, 0, 1});
            byte[] result = block.clone();
            for (int i = 1; i < iterations; i++) {
                block = mac.doFinal(block);
                for (int j = 0; j < result.length; j++) {
                    result[j] ^= block[j];
                }
            }
            return result;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no HMAC-SHA-256", e);
        }
    }

    private static SecretKeySpec key(byte[] bytes) {
        return new SecretKeySpec(bytes.length == 0 ? new byte[1] : bytes, "HmacSHA256");
    }

    private static byte[] hmac(byte[] key, byte[] text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key(key));
            return mac.doFinal(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no HMAC-SHA-256", e);
        }
    }

    private static byte[] sha256(byte[] text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no SHA-256", e);
        }
    }

    private static String field(String message, String name) throws MalformedAnswerException {
        for (String part : message.split(",")) {
            if (part.startsWith(name)) {
                return part.substring(name.length());
            }
        }
        throw new MalformedAnswerException("a SASL message without " + name);
    }

    private static byte[] decode(String base64) throws MalformedAnswerException {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new MalformedAnswerException("a SASL message that is not base64");
        }
    }

    private static int number(String text) throws MalformedAnswerException {
        try {
            int value = Integer.parseInt(text);
            if (value > 0 && value <= MAX_ITERATIONS) {
                return value;
            }
        } catch (NumberFormatException e) {
            // falls through
        }
        throw new MalformedAnswerException("an odd number of iterations");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
