package org.halvs.check.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.Service;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** smtp, submission, pop, imap and nntp against the exchanges recorded with ldirectord, and what differs from them on purpose. */
class MailChecksTest {
    private static final Passed UP = new Passed("-");

    private static ScriptedServer.Script smtp(String greeting, String ehlo, String helo) {
        return peer -> {
            peer.send(greeting);
            for (String line = peer.line(); !line.isEmpty(); line = peer.line()) {
                if (line.equals("QUIT")) {
                    peer.send("221 bye\r\n");
                    return;
                }
                peer.send(line.startsWith("EHLO") ? ehlo : helo);
            }
        };
    }

    @ParameterizedTest
    @EnumSource(
            value = Service.class,
            names = {"SMTP", "SUBMISSION"})
    void greetsAMailServer(Service service) throws IOException {
        try (ScriptedServer server = new ScriptedServer(
                smtp("220-mail\r\n220 mail ESMTP\r\n", "250-mail\r\n250-SIZE 1\r\n250 HELP\r\n", "250 mail\r\n"))) {
            assertThat(Exchanges.hold(Exchange.of(service, "/"), server.target()))
                    .isEqualTo(UP);
            assertThat(server.lines()).containsExactly("EHLO localhost.localdomain", "QUIT");
        }
    }

    @Test
    void fallsBackToHelo() throws IOException {
        Exchange exchange = Exchange.of(Service.SMTP, "/");
        try (ScriptedServer server = new ScriptedServer(smtp("220 x\r\n", "502 what?\r\n", "250 x\r\n"))) {
            assertThat(Exchanges.hold(exchange, server.target())).isEqualTo(UP);
            assertThat(server.lines())
                    .containsExactly("EHLO localhost.localdomain", "HELO localhost.localdomain", "QUIT");
        }
        try (ScriptedServer server = new ScriptedServer(smtp("220 x\r\n", "502 what?\r\n", "550 go away\r\n"))) {
            assertThat(Exchanges.hold(exchange, server.target()))
                    .isEqualTo(new Failed(Reason.UNEXPECTED_ANSWER, "550 go away"));
        }
        try (ScriptedServer server = new ScriptedServer(smtp("554 no service\r\n", "", ""))) {
            assertThat(Exchanges.hold(exchange, server.target()))
                    .isEqualTo(new Failed(Reason.UNEXPECTED_ANSWER, "554 no service"));
        }
        try (ScriptedServer server = new ScriptedServer(smtp("HTTP/1.0 400 Bad Request\r\n", "", ""))) {
            assertThat(Exchanges.reason(Exchanges.hold(exchange, server.target())))
                    .isEqualTo(Reason.PROTOCOL_ERROR);
        }
    }

    private static ScriptedServer.Script pop(String password) {
        return peer -> {
            peer.send("+OK ready\r\n");
            for (String line = peer.line(); !line.isEmpty(); line = peer.line()) {
                if (line.equals("CAPA")) {
                    peer.send("+OK\r\nTOP\r\nUSER\r\n.\r\n");
                } else if (line.startsWith("PASS") && !line.equals("PASS " + password)) {
                    peer.send("-ERR wrong password\r\n");
                } else {
                    peer.send("+OK\r\n");
                }
                if (line.equals("QUIT")) {
                    return;
                }
            }
        };
    }

    @Test
    void logsInByPop() throws IOException {
        try (ScriptedServer server = new ScriptedServer(pop("p"))) {
            assertThat(Exchanges.hold(Exchanges.of(Service.POP, "/", "", "u", "p"), server.target()))
                    .isEqualTo(UP);
            assertThat(server.lines()).containsExactly("CAPA", "USER u", "PASS p", "STAT", "QUIT");
            assertThat(Exchanges.hold(Exchanges.of(Service.POP, "/", "", "u", "q"), server.target()))
                    .isEqualTo(new Failed(Reason.UNEXPECTED_ANSWER, "-ERR wrong password"));
        }
    }

    @Test
    void wantsAGreetingByPopEvenWithoutLogin() throws IOException {
        Exchange exchange = Exchange.of(Service.POP, "/");
        ScriptedServer closed = new ScriptedServer(pop(""));
        try (closed) {
            assertThat(Exchanges.hold(exchange, closed.target())).isEqualTo(UP);
            assertThat(closed.lines()).containsExactly("QUIT");
        }
        assertThat(Exchanges.reason(Exchanges.hold(exchange, closed.target()))).isEqualTo(Reason.REFUSED);
    }

    private static ScriptedServer.Script imap(String greeting, String password) {
        return peer -> {
            peer.send(greeting + "\r\n");
            for (String line = peer.line(); !line.isEmpty(); line = peer.line()) {
                String tag = line.substring(0, line.indexOf(' '));
                boolean good = !line.contains("LOGIN") || line.endsWith("\"" + password + "\"");
                peer.send("* CAPABILITY IMAP4rev1\r\n" + tag + (good ? " OK done\r\n" : " NO wrong\r\n"));
                if (line.endsWith("LOGOUT")) {
                    return;
                }
            }
        };
    }

    @Test
    void logsInByImapAndExpungesNothing() throws IOException {
        try (ScriptedServer server = new ScriptedServer(imap("* OK ready", "p\\\"q"))) {
            assertThat(Exchanges.hold(Exchanges.of(Service.IMAP, "/", "", "u", "p\"q"), server.target()))
                    .isEqualTo(UP);
            assertThat(server.lines()).containsExactly("0 LOGIN u \"p\\\"q\"", "1 LOGOUT");
            assertThat(Exchanges.hold(Exchanges.of(Service.IMAP, "/", "", "u v", "x"), server.target()))
                    .isEqualTo(new Failed(Reason.UNEXPECTED_ANSWER, "0 NO wrong"));
            assertThat(server.lines()).contains("0 LOGIN \"u v\" \"x\"");
        }
    }

    @Test
    void takesAnyGoodGreetingByImapWithoutLogin() throws IOException {
        for (String greeting : List.of("* OK hello", "* PREAUTH you")) {
            try (ScriptedServer server = new ScriptedServer(imap(greeting, ""))) {
                assertThat(Exchanges.hold(Exchange.of(Service.IMAP, "/"), server.target()))
                        .isEqualTo(UP);
                assertThat(server.lines()).containsExactly("1 LOGOUT");
            }
        }
        try (ScriptedServer server = new ScriptedServer(imap("* BYE too many", ""))) {
            assertThat(Exchanges.hold(Exchange.of(Service.IMAP, "/"), server.target()))
                    .isEqualTo(new Failed(Reason.UNEXPECTED_ANSWER, "* BYE too many"));
        }
    }

    @Test
    void readsTheGreetingOfANewsServer() throws IOException {
        Exchange exchange = Exchange.of(Service.NNTP, "/");
        try (ScriptedServer server = new ScriptedServer(peer -> peer.send("201 no posting\r\n"))) {
            assertThat(Exchanges.hold(exchange, server.target())).isEqualTo(UP);
        }
        try (ScriptedServer server = new ScriptedServer(peer -> peer.send("502 no permission\r\n"))) {
            assertThat(Exchanges.hold(exchange, server.target()))
                    .isEqualTo(new Failed(Reason.UNEXPECTED_ANSWER, "502 no permission"));
        }
    }
}
