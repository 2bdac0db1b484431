package org.halvs.check.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckSpec.Negotiate;
import org.halvs.check.Service;
import org.halvs.linux.MemoryIcmpEcho;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** http, https and http_proxy against nginx; dns against dnsmasq. */
class RealWebServersTest {
    private static final Passed OK = new Passed("200 OK");

    @TempDir
    private Path directory;

    private static Exchange exchange(Service service, String request, String method, String virtualHost) {
        return new Exchange(service, false, request, "", method, virtualHost, "", "", "", "");
    }

    private LocalProgram nginx(int port, int tlsPort) throws IOException, InterruptedException {
        String nginx = LocalProgram.need("nginx", "nginx-light");
        LocalProgram.makeCertificate(directory);
        Path root = Files.createDirectory(directory.resolve("www"));
        Files.writeString(root.resolve("index.html"), "<h1>Test Page</h1>\n" + "x".repeat(100_000) + "end");
        Path configuration = Files.writeString(directory.resolve("nginx.conf"), """
                daemon off; pid nginx.pid; error_log stderr; user root; worker_processes 1;
                events { worker_connections 256; }
                http {
                  access_log off;
                  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
                  server {
                    listen 127.0.0.1:@PORT@; root www;
                    location /moved { return 301 /index.html; }
                    location /host { return 200 "$http_host"; }
                    location /none { return 204; }
                    location /chunked { chunked_transfer_encoding on; ssi on; ssi_types *; root www; try_files /index.html =404; }
                    location /x { if ($http_host != www.example.test) { return 404; } return 200 "proxied $request"; }
                  }
                  server {
                    listen 127.0.0.1:@TLS@ ssl; ssl_certificate cert.pem; ssl_certificate_key key.pem; root www;
                    location /name { return 200 "$ssl_server_name"; }
                  }
                }
                """.replace("@PORT@", "" + port)
                .replace("@TLS@", "" + tlsPort));
        return LocalProgram.start(directory, nginx, "-p", directory + "/", "-e", "stderr", "-c", "" + configuration)
                .awaitPort(port);
    }

    @Test
    void checksNginx() throws IOException, InterruptedException {
        int port = LocalProgram.freePort();
        int tlsPort = LocalProgram.freePort();
        try (LocalProgram server = nginx(port, tlsPort)) {
            assertThat(http(port, "index.html", "Test Page"))
                    .as(server.output())
                    .isEqualTo(OK);
            assertThat(http(port, "index.html", "xend$")).isEqualTo(OK);
            assertThat(http(port, "moved", "Test")).isEqualTo(OK);
            assertThat(http(port, "chunked", "xend$")).isEqualTo(OK);
            assertThat(http(port, "none", "")).isEqualTo(new Passed("204 No Content"));
            assertThat(http(port, "missing", "")).isEqualTo(new Failed(Reason.UNEXPECTED_ANSWER, "404 Not Found"));
            assertThat(http(port, "host", "^127.0.0.1$")).isEqualTo(OK);
            assertThat(Exchanges.hold(
                            exchange(Service.HTTP, "/host", "GET", "www.example.test")
                                    .expecting("^www.example.test$"),
                            LocalProgram.at(port)))
                    .isEqualTo(OK);
            assertThat(Exchanges.hold(exchange(Service.HTTP, "/", "HEAD", ""), LocalProgram.at(port)))
                    .isEqualTo(OK);
            assertThat(Exchanges.hold(
                            Exchange.of(Service.HTTP_PROXY, "http://www.example.test/x")
                                    .expecting("proxied GET http://www.example.test/x"),
                            LocalProgram.at(port)))
                    .isEqualTo(OK);

            assertThat(https(tlsPort, "/index.html", "").passed()).isTrue();
            assertThat(https(tlsPort, "/name", "").passed()).isTrue();
            assertThat(Exchanges.hold(
                            exchange(Service.HTTPS, "/name", "GET", "www.example.test")
                                    .expecting("^www.example.test$"),
                            LocalProgram.at(tlsPort)))
                    .isEqualTo(OK);
            assertThat(Exchanges.reason(Exchanges.hold(Exchange.of(Service.HTTPS, "/"), LocalProgram.at(port))))
                    .isEqualTo(Reason.PROTOCOL_ERROR);
            HealthCheckers verifying = new HealthCheckers(new MemoryIcmpEcho());
            CheckResult refused = verifying
                    .of(new Negotiate(
                            new Exchange(Service.HTTPS, false, "/", "", "GET", "", "", "", "", "", true),
                            Exchanges.TIMEOUT))
                    .check(LocalProgram.at(tlsPort), Exchanges.TIMEOUT);
            assertThat(refused.passed()).isFalse();
            assertThat(refused.detail()).contains("unknown issuer");
        }
    }

    private static CheckResult http(int port, String request, String receive) {
        return Exchanges.hold(Exchange.of(Service.HTTP, request).expecting(receive), LocalProgram.at(port));
    }

    private static CheckResult https(int port, String request, String virtualHost) {
        return Exchanges.hold(exchange(Service.HTTPS, request, "GET", virtualHost), LocalProgram.at(port));
    }

    @Test
    void checksDnsmasq() throws IOException, InterruptedException {
        String dnsmasq = LocalProgram.need("dnsmasq", "dnsmasq-base");
        int port = LocalProgram.freePort();
        try (LocalProgram server = LocalProgram.start(
                        directory,
                        dnsmasq,
                        "--keep-in-foreground",
                        "--conf-file=/dev/null",
                        "--no-resolv",
                        "--no-hosts",
                        "--user=root",
                        "--pid-file=",
                        "--listen-address=127.0.0.1",
                        "--bind-interfaces",
                        "--port=" + port,
                        "--local=/test/",
                        "--host-record=www.example.test,192.0.2.7,2001:db8::7",
                        "--host-record=six.example.test,2001:db8::6",
                        "--cname=alias.example.test,www.example.test")
                .awaitPort(port)) {
            for (boolean datagram : new boolean[] {true, false}) {
                assertThat(dns(port, datagram, "www.example.test", "^192\\.0\\.2\\.7$"))
                        .as(server.output())
                        .isEqualTo(new Passed("-"));
                assertThat(dns(port, datagram, "/www.example.test", "").passed())
                        .isTrue();
                assertThat(dns(port, datagram, "www.example.test", "2001:db8::7")
                                .passed())
                        .isTrue();
                assertThat(dns(port, datagram, "six.example.test", "").passed()).isTrue();
                assertThat(dns(port, datagram, "alias.example.test", "^www").passed())
                        .isTrue();
                assertThat(dns(port, datagram, "192.0.2.7", "www.example.test").passed())
                        .isTrue();
                assertThat(dns(port, datagram, "2001:db8::6", "six").passed()).isTrue();
                assertThat(dns(port, datagram, "nothing.example.test", ""))
                        .isEqualTo(new Failed(Reason.UNEXPECTED_ANSWER, "no such name"));
                assertThat(dns(port, datagram, "www.example.test", "10.0.0.1").passed())
                        .isFalse();
                assertThat(dns(port, datagram, "www.elsewhere.example", "").passed())
                        .isFalse();
            }
        }
    }

    private static CheckResult dns(int port, boolean datagram, String request, String receive) {
        Exchange exchange = new Exchange(Service.DNS, datagram, request, receive, "GET", "", "", "", "", "");
        return Exchanges.hold(exchange, LocalProgram.at(port));
    }
}
