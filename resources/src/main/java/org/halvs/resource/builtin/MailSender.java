package org.halvs.resource.builtin;

import java.util.List;

/** Sends mails for {@code MailTo}. Must not wait: a takeover does. */
@FunctionalInterface
public interface MailSender {

    /** Queues a mail; that it could not be sent is logged by whoever sends it. */
    void send(List<String> recipients, String subject, String body);
}
