package org.halvs.check.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLSocket;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.Service;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers with private certificates, which ldirectord took for dead, and the name a client asks them for. */
class SelfSignedServersTest {
    @TempDir
    private static Path directory;

    private static SelfSigned certificate;

    private final List<String> names = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void make() throws IOException, InterruptedException, GeneralSecurityException {
        certificate = SelfSigned.in(directory);
    }

    /** Says {@code answer} once the client has said something, or at once where the server speaks first. */
    private CheckResult check(Service service, String virtualHost, String answer) throws IOException {
        ScriptedServer.Script script = peer -> {
            if (service == Service.HTTPS) {
                peer.header();
            } else {
                peer.send(answer);
                peer.line();
            }
            ExtendedSSLSession session = (ExtendedSSLSession) ((SSLSocket) peer.socket).getSession();
            session.getRequestedServerNames()
                    .forEach(name -> names.add(new String(name.getEncoded(), StandardCharsets.US_ASCII)));
            if (service == Service.HTTPS) {
                peer.send(answer);
            }
        };
        try (ScriptedServer server = new ScriptedServer(certificate.listen(), script)) {
            Exchange exchange = new Exchange(service, false, "/", "", "GET", virtualHost, "", "", "", "");
            return Exchanges.hold(exchange, server.target());
        }
    }

    @Test
    void trap76AnHttpsServerWithACertificateOfItsOwnIsUp() throws IOException {
        assertThat(check(Service.HTTPS, "", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                        .passed())
                .isTrue();
        assertThat(names).isEmpty();
    }

    @Test
    void trap46AnImapsServerWithACertificateOfItsOwnIsUp() throws IOException {
        assertThat(check(Service.IMAPS, "", "* OK ready\r\n").passed()).isTrue();
    }

    @Test
    void trap90APopsServerWithACertificateOfItsOwnIsUp() throws IOException {
        assertThat(check(Service.POPS, "", "+OK ready\r\n").passed()).isTrue();
    }

    @Test
    void anHttpsServerIsAskedForItsVirtualHostByName() throws IOException {
        assertThat(check(Service.HTTPS, "www.example.test", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                        .passed())
                .isTrue();
        assertThat(names).containsExactly("www.example.test");
    }
}
