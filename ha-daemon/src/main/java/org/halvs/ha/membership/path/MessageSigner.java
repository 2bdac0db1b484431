package org.halvs.ha.membership.path;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.halvs.ha.config.Authkeys;
import org.jspecify.annotations.Nullable;

/**
 * Signs and verifies with the secrets of authkeys. The method a key is listed with (md5, sha1) only names it: every signature is HMAC-SHA256 (RFC 2104) under
 * a key derived from the secret, so that a signature of HALVS is none of heartbeat's. A crc key has no secret, and its signature is a checksum. Confined to
 * one thread, because it makes nothing anew for a datagram.
 */
final class MessageSigner {
    static final int SIGNATURE_BYTES = 32;

    private static final String ALGORITHM = "HmacSHA256";
    private static final byte[] PURPOSE = "HALVS cluster message, version 2".getBytes(StandardCharsets.US_ASCII);

    private final int signing;
    private final @Nullable Mac[] keys;
    private final byte[] computed = new byte[SIGNATURE_BYTES];
    private final byte[] claimed = new byte[SIGNATURE_BYTES];

    MessageSigner(Authkeys authkeys) {
        signing = authkeys.signing();
        int highest = authkeys.keys().keySet().stream()
                .mapToInt(Integer::intValue)
                .max()
                .orElse(0);
        keys = new Mac[highest + 1];
        authkeys.keys().forEach((number, key) -> keys[number] = derive(key));
    }

    private static Mac derive(Authkeys.Key key) {
        String secret = key.method().needsSecret() ? key.secret() : "crc";
        try {
            Mac raw = Mac.getInstance(ALGORITHM);
            raw.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
            Mac derived = Mac.getInstance(ALGORITHM);
            derived.init(new SecretKeySpec(raw.doFinal(PURPOSE), ALGORITHM));
            return derived;
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java has " + ALGORITHM, e);
        }
    }

    /** The number of the key {@link #sign} uses. */
    int signingKey() {
        return signing;
    }

    boolean knows(int keyNumber) {
        return keyNumber >= 0 && keyNumber < keys.length && keys[keyNumber] != null;
    }

    /** Puts the signature of the first {@code length} bytes at {@code at}, where it covers everything but itself. */
    void sign(byte[] data, int length, int at) {
        compute(signing, data, length, at);
        System.arraycopy(computed, 0, data, at, SIGNATURE_BYTES);
    }

    /** Whether the signature at {@code at} was made with the key of that number; takes equally long whichever byte differs. */
    boolean verify(int keyNumber, byte[] data, int length, int at) {
        if (!knows(keyNumber)) {
            return false;
        }
        compute(keyNumber, data, length, at);
        System.arraycopy(data, at, claimed, 0, SIGNATURE_BYTES);
        return MessageDigest.isEqual(computed, claimed);
    }

    private void compute(int keyNumber, byte[] data, int length, int at) {
        Mac mac = keys[keyNumber];
        if (mac == null) {
            throw new IllegalStateException("authkeys has no key " + keyNumber);
        }
        mac.update(data, 0, at);
        mac.update(data, at + SIGNATURE_BYTES, length - at - SIGNATURE_BYTES);
        try {
            mac.doFinal(computed, 0);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(SIGNATURE_BYTES + " bytes are enough for " + ALGORITHM, e);
        }
    }
}
