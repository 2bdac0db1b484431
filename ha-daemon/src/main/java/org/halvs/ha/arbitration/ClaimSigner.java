package org.halvs.ha.arbitration;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.halvs.ha.config.Authkeys;

/**
 * Signs claim frames with HMAC-SHA256 (RFC 2104) under keys derived from authkeys, other ones than those of the cluster's messages. With a crc key it is a
 * checksum. Thread-safe.
 */
final class ClaimSigner {
    static final int SIGNATURE_BYTES = 32;

    private static final String ALGORITHM = "HmacSHA256";
    private static final byte[] PURPOSE = "HALVS claim frame, version 1".getBytes(StandardCharsets.US_ASCII);

    private final int signing;
    private final Map<Integer, SecretKeySpec> keys = new LinkedHashMap<>();

    ClaimSigner(Authkeys authkeys) {
        signing = authkeys.signing();
        authkeys.keys().forEach((number, key) -> {
            String secret = key.method().needsSecret() ? key.secret() : "crc";
            SecretKeySpec raw = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM);
            keys.put(number, new SecretKeySpec(mac(raw, PURPOSE, 0, PURPOSE.length), ALGORITHM));
        });
    }

    int signingKey() {
        return signing;
    }

    byte[] sign(byte[] data, int offset, int length) {
        SecretKeySpec key = keys.get(signing);
        if (key == null) {
            throw new IllegalStateException("no key " + signing);
        }
        return mac(key, data, offset, length);
    }

    boolean verify(int number, byte[] signature, byte[] data, int offset, int length) {
        SecretKeySpec key = keys.get(number);
        return key != null && MessageDigest.isEqual(signature, mac(key, data, offset, length));
    }

    private static byte[] mac(SecretKeySpec key, byte[] data, int offset, int length) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(data, offset, length);
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java has " + ALGORITHM, e);
        }
    }
}
