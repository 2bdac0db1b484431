package org.halvs.check.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.Service;
import org.junit.jupiter.api.Test;

/** The authentication of MySQL 8, for which Debian has no server, against a script of its side. */
class MysqlCheckTest {
    private static final byte[] SALT = "01234567890123456789".getBytes(StandardCharsets.ISO_8859_1);

    private static Exchange exchange(String password) {
        return new Exchange(Service.MYSQL, false, "SELECT 1", "", "GET", "", "u", password, "", "");
    }

    private static byte[] packet(int sequence, byte[]... parts) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            body.writeBytes(part);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) body.size(), (byte) (body.size() >>> 8), 0, (byte) sequence});
        out.writeBytes(body.toByteArray());
        return out.toByteArray();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] greeting(String plugin) {
        byte[] capabilities = {(byte) 0xff, (byte) 0xf7, 33, 2, 0, (byte) 0xff, (byte) 0x81, 21};
        return packet(
                0,
                text("\n8.0.36\0"),
                new byte[] {1, 0, 0, 0},
                Arrays.copyOf(SALT, 8),
                new byte[1],
                capabilities,
                new byte[10],
                Arrays.copyOfRange(SALT, 8, 20),
                new byte[1],
                text(plugin + "\0"));
    }

    private static byte[] receive(ScriptedServer.Peer peer) throws IOException {
        byte[] header = peer.bytes(4);
        return peer.bytes(header[0] & 0xff | (header[1] & 0xff) << 8);
    }

    private static void answerQuery(ScriptedServer.Peer peer) throws IOException {
        receive(peer);
        peer.send(packet(1, new byte[] {1}));
        peer.send(packet(2, text("\3def\0\0\0\0011\0\f?\0\1\0\0\0\b\1\0\0\0\0")));
        peer.send(packet(3, new byte[] {(byte) 0xfe, 0, 0, 2, 0}));
        peer.send(packet(4, text("\0011")));
        peer.send(packet(5, new byte[] {(byte) 0xfe, 0, 0, 2, 0}));
        receive(peer);
    }

    private static CheckResult hold(ScriptedServer.Script script, String password) throws IOException {
        try (ScriptedServer server = new ScriptedServer(script)) {
            return Exchanges.hold(exchange(password), server.target());
        }
    }

    @Test
    void provesPasswordsAsTheServersExpect() {
        // SHA1("secret") xor SHA1(salt + SHA1(SHA1("secret"))), computed with python3 hashlib
        assertThat(HexFormat.of().formatHex(MysqlPassword.proof(MysqlPassword.NATIVE, text("secret"), SALT)))
                .isEqualTo("7abe1a8776b59e931059451f81e596a60dbbf7a8");
        assertThat(HexFormat.of().formatHex(MysqlPassword.proof(MysqlPassword.CACHING_SHA2, text("secret"), SALT)))
                .isEqualTo("1a2da2573c2faa367e2afddb54cdfd11a95ed22eef0167151196a6fc8e3d3813");
        assertThat(MysqlPassword.proof(MysqlPassword.NATIVE, new byte[0], SALT)).isEmpty();
    }

    @Test
    void logsInWithACachedAccount() throws IOException {
        assertThat(hold(
                        peer -> {
                            peer.send(greeting("caching_sha2_password"));
                            byte[] response = receive(peer);
                            byte[] proof = MysqlPassword.proof(MysqlPassword.CACHING_SHA2, text("secret"), SALT);
                            boolean good = Arrays.equals(Arrays.copyOfRange(response, 35, 35 + proof.length), proof);
                            peer.send(packet(2, new byte[] {1, (byte) (good ? 3 : 9)}));
                            peer.send(packet(3, new byte[7]));
                            answerQuery(peer);
                        },
                        "secret"))
                .isEqualTo(new Passed("-"));
    }

    @Test
    void sendsThePasswordEncryptedWhenTheAccountIsNotCached() throws IOException, GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair pair = generator.generateKeyPair();
        String pem = "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, text("\n"))
                        .encodeToString(pair.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
        ScriptedServer.Script script = peer -> {
            peer.send(greeting("caching_sha2_password"));
            receive(peer);
            peer.send(packet(2, new byte[] {1, 4}));
            if (receive(peer)[0] == 2) {
                peer.send(packet(4, new byte[] {1}, text(pem)));
            }
            byte[] clear = decrypt(pair, receive(peer));
            for (int i = 0; i < clear.length; i++) {
                clear[i] ^= SALT[i % SALT.length];
            }
            peer.send(Arrays.equals(clear, text("secret\0")) ? packet(6, new byte[7]) : denied(6));
            answerQuery(peer);
        };
        assertThat(hold(script, "secret")).isEqualTo(new Passed("-"));
        assertThat(hold(script, "other")).isEqualTo(new Failed(Reason.UNEXPECTED_ANSWER, "Access denied"));
    }

    private static byte[] denied(int sequence) {
        return packet(sequence, new byte[] {(byte) 0xff, 0x15, 4}, text("#28000Access denied"));
    }

    private static byte[] decrypt(KeyPair pair, byte[] bytes) throws IOException {
        try {
            Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
            cipher.init(Cipher.DECRYPT_MODE, pair.getPrivate());
            return cipher.doFinal(bytes);
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    @Test
    void followsASwitchOfThePluginItKnowsAndNamesOneItDoesNot() throws IOException {
        byte[] other = text("abcdefghijklmnopqrst");
        ScriptedServer.Script script = peer -> {
            peer.send(greeting("unheard_of"));
            receive(peer);
            peer.send(packet(2, new byte[] {(byte) 0xfe}, text("mysql_native_password\0"), other, new byte[1]));
            byte[] proof = MysqlPassword.proof(MysqlPassword.NATIVE, text("secret"), other);
            peer.send(Arrays.equals(receive(peer), proof) ? packet(4, new byte[7]) : denied(4));
            answerQuery(peer);
        };
        assertThat(hold(script, "secret")).isEqualTo(new Passed("-"));
        assertThat(hold(
                        peer -> {
                            peer.send(greeting("mysql_native_password"));
                            receive(peer);
                            peer.send(packet(2, new byte[] {(byte) 0xfe}, text("client_ed25519\0"), SALT));
                            peer.hang();
                        },
                        "secret"))
                .isEqualTo(new Failed(Reason.NOT_POSSIBLE, "authentication plug-in client_ed25519"));
        assertThat(hold(peer -> peer.send(packet(0, new byte[] {(byte) 0xff, 0x69, 4}, text("Host is blocked"))), "x"))
                .isEqualTo(new Failed(Reason.UNEXPECTED_ANSWER, "Host is blocked"));
    }
}
