package org.halvs.ldirectord.daemon;

import java.util.List;

/**
 * A mail that is due.
 *
 * @param recipients one or more addresses
 * @param from the sender as it stands in the mail, perhaps with a name; empty for the local default
 * @param smtpServer the server that takes it; empty for the local mailer
 * @param body lines end with {@code \n}
 */
public record Mail(List<String> recipients, String from, String smtpServer, String subject, String body) {
    public Mail {
        recipients = List.copyOf(recipients);
    }
}
