package org.halvs.check.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckTarget;
import org.halvs.check.Service;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MemoryIcmpEcho;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates that hold, and each way in which one does not; the servers are the JDK's, their certificates its keytool's. */
class CertificateVerificationTest {
    private static final String PASSWORD = "changeit";

    @TempDir
    Path directory;

    private final List<Path> trusted = new ArrayList<>();

    private Path keys(String name, String... options) throws IOException, InterruptedException {
        Path store = directory.resolve(name + ".p12");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD));
        command.addAll(Arrays.asList(options));
        Process keytool = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool.log").toFile())
                .start();
        assertThat(keytool.waitFor())
                .as(Files.readString(directory.resolve("keytool.log")))
                .isZero();
        return store;
    }

    private Path trust(Path store) {
        trusted.add(store);
        return store;
    }

    private static KeyStore open(Path store) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return keys;
    }

    private Path authorities() throws IOException, GeneralSecurityException {
        StringBuilder pem = new StringBuilder();
        for (Path store : trusted) {
            Certificate certificate = open(store).getCertificate("server");
            pem.append("-----BEGIN CERTIFICATE-----\n")
                    .append(Base64.getMimeEncoder().encodeToString(certificate.getEncoded()))
                    .append("\n-----END CERTIFICATE-----\n");
        }
        return Files.writeString(directory.resolve("authorities.pem"), pem);
    }

    /** What a check says of a server that shows the certificate of {@code store}. */
    private CheckResult check(HealthCheckers checkers, Path store, String virtualHost, boolean verified)
            throws IOException, GeneralSecurityException {
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(open(store), PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        try (SSLServerSocket listener = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> answerOnce(listener));
            Exchange exchange =
                    new Exchange(Service.HTTPS, false, "/", "", "GET", virtualHost, "", "", "", "", verified);
            return checkers.of(new CheckSpec.Negotiate(exchange, Exchanges.TIMEOUT))
                    .check(new CheckTarget(IpAddress.of("127.0.0.1"), listener.getLocalPort()), Exchanges.TIMEOUT);
        }
    }

    private static void answerOnce(SSLServerSocket listener) {
        try (SSLSocket socket = (SSLSocket) listener.accept();
                InputStream in = socket.getInputStream();
                OutputStream out = socket.getOutputStream()) {
            if (in.read(new byte[4096]) > 0) {
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException e) {
            // a client that turns away at the certificate
        }
    }

    @Test
    void eachFailureSaysWhatIsWrong() throws Exception {
        Path good = trust(keys("good", "-ext", "san=ip:127.0.0.1,dns:www.example.test", "-validity", "10"));
        Path expired = trust(keys("expired", "-ext", "san=ip:127.0.0.1", "-startdate", "-30d", "-validity", "10"));
        Path future = trust(keys("future", "-ext", "san=ip:127.0.0.1", "-startdate", "+10d", "-validity", "10"));
        Path stranger = keys("stranger", "-ext", "san=ip:127.0.0.1", "-validity", "10");
        HealthCheckers checkers = new HealthCheckers(
                new MemoryIcmpEcho(), new ClientSettings("halvs", false, Optional.of(authorities())));

        assertThat(check(checkers, good, "", true)).isEqualTo(new Passed("200 OK"));
        assertThat(check(checkers, good, "www.example.test", true)).isEqualTo(new Passed("200 OK"));
        assertThat(check(checkers, good, "shop.example.test", true))
                .isEqualTo(
                        new Failed(
                                Reason.UNEXPECTED_ANSWER,
                                "certificate wrong host: certificate is for 127.0.0.1, www.example.test, not for shop.example.test"));
        assertThat(check(checkers, expired, "", true).detail())
                .startsWith("certificate expired: certificate of CN=expired held until ");
        assertThat(check(checkers, future, "", true).detail())
                .startsWith("certificate not valid yet: certificate of CN=future holds from ");
        assertThat(check(checkers, stranger, "", true))
                .isEqualTo(
                        new Failed(
                                Reason.UNEXPECTED_ANSWER,
                                "certificate unknown issuer: CN=stranger signed its certificate itself, and that is not trusted"));
        assertThat(check(checkers, stranger, "", false)).isEqualTo(new Passed("200 OK"));
        assertThat(check(checkers, expired, "", false)).isEqualTo(new Passed("200 OK"));
    }
}
