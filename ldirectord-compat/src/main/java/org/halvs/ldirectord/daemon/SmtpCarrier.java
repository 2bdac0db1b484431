package org.halvs.ldirectord.daemon;

import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Properties;

/**
 * Sends mails to the SMTP server they name, each recipient with a {@code RCPT TO} of its own; mails that name none go to the local mailer.
 * The sender of the envelope is {@code root@HOST}, as ldirectord's.
 */
public final class SmtpCarrier implements MailCarrier {
    private static final Duration TIME_LIMIT = Duration.ofSeconds(20);

    private static final int PORT = 25;

    private final String host;
    private final int port;
    private final MailCarrier local;

    /**
     * @param host the name of this machine
     * @param local takes mails without a server
     */
    public SmtpCarrier(String host, MailCarrier local) {
        this(host, PORT, local);
    }

    /** The same with servers on another port. */
    SmtpCarrier(String host, int port, MailCarrier local) {
        this.host = host;
        this.port = port;
        this.local = local;
    }

    @Override
    public Optional<String> send(Mail mail) {
        if (mail.smtpServer().isEmpty()) {
            return local.send(mail);
        }
        try {
            Transport.send(message(mail));
            return Optional.empty();
        } catch (MessagingException e) {
            return Optional.of(mail.smtpServer() + ": " + reason(e));
        }
    }

    private MimeMessage message(Mail mail) throws MessagingException {
        MimeMessage message = new MimeMessage(Session.getInstance(properties(mail)));
        InternetAddress sender = new InternetAddress("root@" + host);
        message.setFrom(mail.from().isEmpty() ? sender : new InternetAddress(mail.from()));
        for (String recipient : mail.recipients()) {
            message.addRecipient(Message.RecipientType.TO, new InternetAddress(recipient));
        }
        message.setSubject(mail.subject(), StandardCharsets.UTF_8.name());
        message.setHeader("Date", DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneId.systemDefault())));
        message.setText(mail.body(), StandardCharsets.UTF_8.name());
        return message;
    }

    private Properties properties(Mail mail) {
        String limit = Long.toString(TIME_LIMIT.toMillis());
        Properties properties = new Properties();
        properties.put("mail.smtp.host", mail.smtpServer());
        properties.put("mail.smtp.port", Integer.toString(port));
        properties.put("mail.smtp.from", "root@" + host);
        properties.put("mail.smtp.localhost", host);
        properties.put("mail.smtp.connectiontimeout", limit);
        properties.put("mail.smtp.timeout", limit);
        properties.put("mail.smtp.writetimeout", limit);
        return properties;
    }

    private static String reason(MessagingException problem) {
        return String.valueOf(problem.getMessage()).lines().findFirst().orElse("no reason given").strip();
    }
}
