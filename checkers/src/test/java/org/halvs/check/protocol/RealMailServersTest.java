package org.halvs.check.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.Service;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** pop, pops, imap and imaps against dovecot, smtp and submission against exim, sip against kamailio. */
class RealMailServersTest {
    private static final Passed UP = new Passed("-");

    @TempDir
    private Path directory;

    @Test
    void checksDovecot() throws IOException, InterruptedException {
        String dovecot = LocalProgram.need("dovecot", "dovecot-imapd and dovecot-pop3d");
        LocalProgram.needRoot();
        LocalProgram.makeCertificate(directory);
        int imap = LocalProgram.freePort();
        int imaps = LocalProgram.freePort();
        int pop = LocalProgram.freePort();
        int pops = LocalProgram.freePort();
        Files.writeString(directory.resolve("passwd"), "u:{PLAIN}p w\"d\n");
        Path configuration = Files.writeString(directory.resolve("dovecot.conf"), """
                protocols = imap pop3
                base_dir = @DIR@/run
                log_path = /dev/stderr
                listen = 127.0.0.1
                disable_plaintext_auth = no
                ssl = yes
                ssl_cert = <@DIR@/cert.pem
                ssl_key = <@DIR@/key.pem
                first_valid_uid = 0
                mail_location = maildir:@DIR@/mail
                passdb {
                  driver = passwd-file
                  args = @DIR@/passwd
                }
                userdb {
                  driver = static
                  args = uid=nobody gid=nogroup home=@DIR@
                }
                auth_failure_delay = 0
                service anvil {
                  chroot =
                  unix_listener anvil-auth-penalty {
                    mode = 0
                  }
                }
                service imap-login {
                  chroot =
                  inet_listener imap {
                    port = @IMAP@
                  }
                  inet_listener imaps {
                    port = @IMAPS@
                  }
                }
                service pop3-login {
                  chroot =
                  inet_listener pop3 {
                    port = @POP@
                  }
                  inet_listener pop3s {
                    port = @POPS@
                  }
                }
                """.replace("@DIR@", "" + directory)
                .replace("@IMAP@", "" + imap)
                .replace("@IMAPS@", "" + imaps)
                .replace("@POP@", "" + pop)
                .replace("@POPS@", "" + pops));
        LocalProgram.openToAll(directory);
        try (LocalProgram server = LocalProgram.start(directory, dovecot, "-F", "-c", "" + configuration)
                .awaitPort(imap)
                .awaitPort(pops)) {
            check(Service.IMAP, imap, server);
            check(Service.IMAPS, imaps, server);
            check(Service.POP, pop, server);
            check(Service.POPS, pops, server);
        }
    }

    private static void check(Service service, int port, LocalProgram server) throws IOException {
        assertThat(login(service, port, "p w\"d")).as(service + server.output()).isEqualTo(UP);
        assertThat(Exchanges.hold(Exchange.of(service, "/"), LocalProgram.at(port)))
                .isEqualTo(UP);
        assertThat(Exchanges.reason(login(service, port, "wrong"))).isEqualTo(Reason.UNEXPECTED_ANSWER);
    }

    private static CheckResult login(Service service, int port, String password) {
        return Exchanges.hold(Exchanges.of(service, "/", "", "u", password), LocalProgram.at(port));
    }

    @Test
    void checksExim() throws IOException, InterruptedException {
        String exim = LocalProgram.need("exim4", "exim4-daemon-light");
        LocalProgram.needRoot();
        int port = LocalProgram.freePort();
        Files.createDirectory(directory.resolve("spool"));
        Path configuration = Files.writeString(directory.resolve("exim.conf"), """
                primary_hostname = mail.example.test
                spool_directory = @DIR@/spool
                log_file_path = @DIR@/%slog
                local_interfaces = 127.0.0.1
                daemon_smtp_ports = @PORT@
                acl_smtp_helo = helo
                acl_smtp_quit = quit
                begin acl
                helo:
                  accept logwrite = helo $sender_helo_name
                quit:
                  accept logwrite = quit
                """.replace("@DIR@", "" + directory)
                .replace("@PORT@", "" + port));
        LocalProgram.openToAll(directory);
        Files.setPosixFilePermissions(configuration, PosixFilePermissions.fromString("r--r--r--"));
        try (LocalProgram server = LocalProgram.start(
                        directory, exim, "-bdf", "-C", "" + configuration, "-oP", directory + "/pid")
                .awaitPort(port)) {
            for (Service service : new Service[] {Service.SMTP, Service.SUBMISSION}) {
                assertThat(Exchanges.hold(Exchange.of(service, "/"), LocalProgram.at(port)))
                        .as(server.output())
                        .isEqualTo(UP);
            }
            // the server does not see our connection end without a goodbye
            assertThat(directory.resolve("mainlog")).content().contains("helo localhost.localdomain", "quit");
        }
    }

    @Test
    void checksKamailio() throws IOException, InterruptedException {
        String kamailio = LocalProgram.need("kamailio", "kamailio");
        int port = LocalProgram.freePort();
        Path configuration = Files.writeString(directory.resolve("kamailio.cfg"), """
                #!KAMAILIO
                debug=1
                log_stderror=yes
                fork=yes
                children=1
                tcp_children=1
                auto_aliases=no
                listen=udp:127.0.0.1:@PORT@
                listen=tcp:127.0.0.1:@PORT@
                loadmodule "sl.so"
                request_route {
                  if (method == "OPTIONS" && from_uri =~ "sip:up@") {
                    sl_send_reply("200", "OK");
                  } else {
                    sl_send_reply("503", "Service Unavailable");
                  }
                }
                """.replace("@PORT@", "" + port));
        try (LocalProgram server = LocalProgram.start(
                        directory,
                        kamailio,
                        "-DD",
                        "-E",
                        "-f",
                        "" + configuration,
                        "-m",
                        "16",
                        "-M",
                        "8",
                        "-P",
                        directory + "/pid",
                        "-Y",
                        "" + directory)
                .awaitPort(port)) {
            for (boolean datagram : new boolean[] {true, false}) {
                assertThat(options(port, datagram, "up@test"))
                        .as(server.output())
                        .isEqualTo(UP);
                assertThat(options(port, datagram, "down@test").detail()).isEqualTo("503 Service Unavailable");
            }
        }
    }

    private static CheckResult options(int port, boolean datagram, String login) {
        return Exchanges.hold(
                new Exchange(Service.SIP, datagram, "/", "", "GET", "", login, "", "", ""), LocalProgram.at(port));
    }
}
