package org.halvs.ha.membership;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.halvs.ha.config.Authkeys;

/**
 * Signs and verifies with the secrets of authkeys. The method a key is listed with (md5, sha1) only names it: every signature is HMAC-SHA256 (RFC 2104) under
 * a key derived from the secret, so that a signature of HALVS is none of heartbeat's. A crc key has no secret, and its signature is a checksum. Thread-safe.
 */
final class MessageSigner {
    static final int SIGNATURE_BYTES = 32;

    private static final String ALGORITHM = "HmacSHA256";
    private static final byte[] PURPOSE = "HALVS cluster message, version 1".getBytes(StandardCharsets.US_ASCII);

    private final int signing;
    private final Map<Integer, SecretKeySpec> keys = new LinkedHashMap<>();

    MessageSigner(Authkeys authkeys) {
        signing = authkeys.signing();
        authkeys.keys().forEach((number, key) -> keys.put(number, derive(key)));
    }

    private static SecretKeySpec derive(Authkeys.Key key) {
        String secret = key.method().needsSecret() ? key.secret() : "crc";
        SecretKeySpec raw = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM);
        return new SecretKeySpec(mac(raw, PURPOSE, 0, PURPOSE.length), ALGORITHM);
    }

    /** The number of the key {@link #sign} uses. */
    int signingKey() {
        return signing;
    }

    byte[] sign(byte[] data, int offset, int length) {
        return mac(key(signing).orElseThrow(), data, offset, length);
    }

    boolean knows(int keyNumber) {
        return keys.containsKey(keyNumber);
    }

    /** Whether {@code signature} was made over the data with the key of that number; takes equally long whichever byte differs. */
    boolean verify(int keyNumber, byte[] signature, byte[] data, int offset, int length) {
        return key(keyNumber)
                .map(key -> MessageDigest.isEqual(signature, mac(key, data, offset, length)))
                .orElse(false);
    }

    private Optional<SecretKeySpec> key(int number) {
        return Optional.ofNullable(keys.get(number));
    }

    private static byte[] mac(SecretKeySpec key, byte[] data, int offset, int length) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(data, offset, length);
            return Arrays.copyOf(mac.doFinal(), SIGNATURE_BYTES);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java has " + ALGORITHM, e);
        }
    }
}
