package org.halvs.check.protocol;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;

/** How MySQL wants a password proved, by authentication plug-in. */
final class MysqlPassword {
    static final String NATIVE = "mysql_native_password";
    static final String CACHING_SHA2 = "caching_sha2_password";

    private MysqlPassword() {}

    /** A plug-in we do not speak. */
    static final class Unsupported extends IOException {
        Unsupported(String message) {
            super(message);
        }
    }

    static boolean knows(String plugin) {
        return plugin.equals(NATIVE) || plugin.equals(CACHING_SHA2);
    }

    /** The answer to the server's {@code salt}; empty for an empty password. */
    static byte[] proof(String plugin, byte[] password, byte[] salt) {
        if (password.length == 0) {
            return new byte[0];
        }
        if (plugin.equals(NATIVE)) {
            // SHA1(password) xor SHA1(salt + SHA1(SHA1(password)))
            byte[] once = digest("SHA-1", password);
            return xor(once, digest("SHA-1", salt, digest("SHA-1", once)));
        }
        // SHA256(password) xor SHA256(SHA256(SHA256(password)) + salt)
        byte[] once = digest("SHA-256", password);
        return xor(once, digest("SHA-256", digest("SHA-256", once), salt));
    }

    /** The password itself, for the server's public key: what caching_sha2_password wants when it has not cached the account. */
    static byte[] encrypted(byte[] password, byte[] salt, String pem) throws IOException {
        try {
            String base64 = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
            PublicKey key = KeyFactory.getInstance("RSA")
                    .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(base64)));
            byte[] text = Arrays.copyOf(password, password.length + 1);
            for (int i = 0; i < text.length && salt.length > 0; i++) {
                text[i] ^= salt[i % salt.length];
            }
            Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
            cipher.init(Cipher.ENCRYPT_MODE, key);
            return cipher.doFinal(text);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new MalformedAnswerException("a public key that is none");
        }
    }

    private static byte[] xor(byte[] first, byte[] second) {
        byte[] result = first.clone();
        for (int i = 0; i < result.length; i++) {
            result[i] ^= second[i];
        }
        return result;
    }

    private static byte[] digest(String algorithm, byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no " + algorithm, e);
        }
    }
}
