package org.halvs.ldirectord.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Sends to a mail server that is a socket on loopback. */
class SmtpCarrierTest {
    private static final Mail MAIL = new Mail(
            List.of("admin@example.test", "ops@example.test"), "LVS <lvs@example.test>", "", "a subject", "a body\n");

    @Test
    void mailsWithoutServerGoToTheLocalMailer() {
        assertThat(new SmtpCarrier("director1", mail -> Optional.of(mail.subject())).send(MAIL))
                .contains("a subject");
    }

    @Test
    void eachRecipientHasAnEnvelopeOfItsOwn() throws IOException, InterruptedException {
        List<String> heard = new CopyOnWriteArrayList<>();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread thread = Thread.ofVirtual().start(() -> serve(server, heard));
            Mail mail = new Mail(MAIL.recipients(), MAIL.from(), "127.0.0.1", MAIL.subject(), MAIL.body());

            assertThat(new SmtpCarrier("director1", server.getLocalPort(), local -> Optional.empty()).send(mail))
                    .isEmpty();
            thread.join();
        }
        assertThat(heard)
                .contains(
                        "EHLO director1",
                        "MAIL FROM:<root@director1>",
                        "RCPT TO:<admin@example.test>",
                        "RCPT TO:<ops@example.test>",
                        "From: LVS <lvs@example.test>",
                        "Subject: a subject",
                        "a body");
    }

    @Test
    void tellsWhyItFailed() {
        Mail mail = new Mail(MAIL.recipients(), MAIL.from(), "127.0.0.1", MAIL.subject(), MAIL.body());
        assertThat(new SmtpCarrier("director1", 1, local -> Optional.empty()).send(mail))
                .hasValueSatisfying(reason -> assertThat(reason).contains("127.0.0.1"));
    }

    private static void serve(ServerSocket server, List<String> heard) {
        try (Socket client = server.accept();
                PrintStream out = new PrintStream(client.getOutputStream(), true, StandardCharsets.US_ASCII);
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII))) {
            out.print("220 here\r\n");
            boolean data = false;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                heard.add(line);
                if (data) {
                    data = !line.equals(".");
                    if (!data) {
                        out.print("250 taken\r\n");
                    }
                } else if (line.equals("DATA")) {
                    data = true;
                    out.print("354 go on\r\n");
                } else {
                    out.print(line.equals("QUIT") ? "221 bye\r\n" : "250 fine\r\n");
                }
            }
        } catch (IOException e) {
            heard.add(e.toString());
        }
    }
}
