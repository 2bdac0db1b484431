package org.halvs.ha.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What authkeys says: every listed key verifies, one of them signs, so that keys can be changed one node after the other. Immutable; no text it
 * prints contains a secret.
 *
 * @param signing the number of the key that signs; one of {@code keys}
 * @param keys by number, 0 to 15, in the order of the file
 */
public record Authkeys(int signing, Map<Integer, Key> keys) {
    public Authkeys {
        keys = Collections.unmodifiableMap(new LinkedHashMap<>(keys));
        if (!keys.containsKey(signing)) {
            throw new IllegalArgumentException("signing key " + signing + " is not one of " + keys.keySet());
        }
    }

    /** heartbeat's names of what is done with a secret. HALVS signs with HMAC-SHA256 whichever of them the file names. */
    public enum Method {
        /** A checksum without a secret: protects against line noise, not against anybody. */
        CRC,
        MD5,
        SHA1;

        public boolean needsSecret() {
            return this != CRC;
        }
    }

    /** @param secret one word; empty for {@link Method#CRC} */
    public record Key(int number, Method method, String secret) {
        @Override
        public String toString() {
            return number + " " + method;
        }
    }

    /** The key that signs. */
    public Key signingKey() {
        Key key = keys.get(signing);
        if (key == null) {
            throw new IllegalStateException("no key " + signing);
        }
        return key;
    }
}
