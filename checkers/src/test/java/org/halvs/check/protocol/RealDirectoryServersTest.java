package org.halvs.check.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.Service;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ldap and ldaps against slapd, radius against freeradius, ftp against vsftpd. */
class RealDirectoryServersTest {
    private static final Passed UP = new Passed("-");

    @TempDir
    private Path directory;

    @Test
    void checksSlapd() throws IOException, InterruptedException {
        String slapd = LocalProgram.need("slapd", "slapd");
        LocalProgram.makeCertificate(directory);
        Files.createDirectory(directory.resolve("db"));
        Path configuration = Files.writeString(directory.resolve("slapd.conf"), """
                include /etc/ldap/schema/core.schema
                modulepath /usr/lib/ldap
                moduleload back_mdb
                pidfile @DIR@/slapd.pid
                TLSCertificateFile @DIR@/cert.pem
                TLSCertificateKeyFile @DIR@/key.pem
                database mdb
                suffix "dc=example,dc=test"
                rootdn "cn=a,dc=example,dc=test"
                rootpw pw
                directory @DIR@/db
                """.replace("@DIR@", "" + directory));
        Path entries = Files.writeString(directory.resolve("init.ldif"), """
                dn: dc=example,dc=test
                objectClass: dcObject
                objectClass: organization
                dc: example
                o: Test

                dn: cn=leaf,dc=example,dc=test
                objectClass: organizationalRole
                cn: leaf
                """);
        LocalProgram.run(
                directory, LocalProgram.need("slapadd", "slapd"), "-f", "" + configuration, "-l", "" + entries);
        int port = LocalProgram.freePort();
        int tlsPort = LocalProgram.freePort();
        String urls = "ldap://127.0.0.1:" + port + "/ ldaps://127.0.0.1:" + tlsPort + "/";
        try (LocalProgram server = LocalProgram.start(directory, slapd, "-d", "0", "-f", "" + configuration, "-h", urls)
                .awaitPort(port)) {
            String base = "/dc=example,dc=test";
            String admin = "cn=a,dc=example,dc=test";
            assertThat(ldap(port, base, "", "", "")).as(server.output()).isEqualTo(UP);
            assertThat(ldap(port, base, "dc=example", admin, "pw")).isEqualTo(UP);
            assertThat(ldap(port, base, "somewhere", admin, "pw"))
                    .isEqualTo(new Failed(Reason.UNEXPECTED_ANSWER, "the answer does not match"));
            assertThat(ldap(port, base, "", admin, "wrong"))
                    .isEqualTo(new Failed(Reason.UNEXPECTED_ANSWER, "bind refused, result code 49"));
            assertThat(ldap(port, "cn=nobody,dc=example,dc=test", "", "", ""))
                    .isEqualTo(new Failed(Reason.UNEXPECTED_ANSWER, "search failed, result code 32"));
            assertThat(Exchanges.hold(
                            Exchanges.of(Service.LDAPS, base, "example", admin, "pw"), LocalProgram.at(tlsPort)))
                    .isEqualTo(UP);
        }
    }

    private static CheckResult ldap(int port, String base, String receive, String login, String password) {
        return Exchanges.hold(Exchanges.of(Service.LDAP, base, receive, login, password), LocalProgram.at(port));
    }

    @Test
    void checksFreeradius() throws IOException, InterruptedException {
        String freeradius = LocalProgram.need("freeradius", "freeradius");
        LocalProgram.needRoot();
        int port = LocalProgram.freePort();
        Path users = Files.writeString(
                directory.resolve("users"), "bob Cleartext-Password := \"a password of more than 16\"\n");
        Files.writeString(directory.resolve("radiusd.conf"), """
                logdir = @DIR@
                run_dir = @DIR@
                modules {
                  pap {
                  }
                  files {
                    filename = @USERS@
                  }
                }
                thread pool {
                  start_servers = 1
                  max_servers = 2
                  min_spare_servers = 1
                  max_spare_servers = 2
                }
                client local {
                  ipaddr = 127.0.0.1
                  secret = testing123
                  require_message_authenticator = yes
                }
                server default {
                  listen {
                    type = auth
                    ipaddr = 127.0.0.1
                    port = @PORT@
                  }
                  authorize {
                    files
                    pap
                  }
                  authenticate {
                    Auth-Type PAP {
                      pap
                    }
                  }
                }
                """.replace("@DIR@", "" + directory)
                .replace("@USERS@", "" + users)
                .replace("@PORT@", "" + port));
        try (LocalProgram server =
                LocalProgram.start(directory, freeradius, "-f", "-l", "stdout", "-d", "" + directory)) {
            CheckResult result = new Failed(Reason.REFUSED, "not yet");
            for (int i = 0; i < 100 && Exchanges.reason(result) == Reason.REFUSED; i++) {
                Thread.sleep(50);
                result = radius(port, "a password of more than 16", "testing123");
            }
            assertThat(result).as(server.output()).isEqualTo(UP);
            assertThat(radius(port, "wrong", "testing123"))
                    .isEqualTo(new Failed(Reason.UNEXPECTED_ANSWER, "access rejected"));
            assertThat(radius(port, "x", ""))
                    .isEqualTo(new Failed(Reason.NOT_POSSIBLE, "a radius check needs a secret"));
        }
    }

    private static CheckResult radius(int port, String password, String secret) {
        return Exchanges.hold(
                new Exchange(Service.RADIUS, true, "/", "", "GET", "", "bob", password, secret, ""),
                LocalProgram.at(port));
    }

    @Test
    void checksVsftpd() throws IOException, InterruptedException {
        String vsftpd = LocalProgram.need("vsftpd", "vsftpd");
        LocalProgram.needRoot();
        int port = LocalProgram.freePort();
        Path root = Files.createDirectory(directory.resolve("ftp"));
        Path empty = Files.createDirectory(directory.resolve("empty"));
        Files.writeString(root.resolve("welcome.txt"), "Welcome to FTP\n" + "x".repeat(200_000));
        Path configuration = Files.writeString(
                directory.resolve("vsftpd.conf"),
                """
                listen=YES
                port_enable=YES
                connect_from_port_20=NO
                listen_address=127.0.0.1
                listen_port=@PORT@
                background=NO
                anonymous_enable=YES
                local_enable=NO
                anon_root=@ROOT@
                secure_chroot_dir=@EMPTY@
                ftp_username=ftp
                nopriv_user=nobody
                seccomp_sandbox=NO
                """.replace("@PORT@", "" + port).replace("@ROOT@", "" + root).replace("@EMPTY@", "" + empty));
        LocalProgram.openToAll(directory);
        for (Path closed : new Path[] {root, empty}) {
            Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
        }
        try (LocalProgram server =
                LocalProgram.start(directory, vsftpd, "" + configuration).awaitPort(port)) {
            assertThat(ftp(port, "/welcome.txt", "Welcome", "anonymous"))
                    .as(server.output())
                    .isEqualTo(UP);
            assertThat(Exchanges.hold(
                            Exchanges.of(Service.FTP, "/welcome.txt", "Welcome", "anonymous", "a@b"),
                            LocalProgram.at(port),
                            new ClientSettings("halvs", true, Optional.empty())))
                    .as("active: " + server.output())
                    .isEqualTo(UP);
            assertThat(ftp(port, "/welcome.txt", "nothing", "anonymous").passed())
                    .isFalse();
            assertThat(Exchanges.reason(ftp(port, "/missing", "", "anonymous"))).isEqualTo(Reason.UNEXPECTED_ANSWER);
            assertThat(Exchanges.reason(ftp(port, "/welcome.txt", "", "nobody")))
                    .isEqualTo(Reason.UNEXPECTED_ANSWER);
        }
    }

    private static CheckResult ftp(int port, String request, String receive, String login) {
        return Exchanges.hold(Exchanges.of(Service.FTP, request, receive, login, "a@b"), LocalProgram.at(port));
    }
}
