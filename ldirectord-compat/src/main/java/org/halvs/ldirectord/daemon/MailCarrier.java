package org.halvs.ldirectord.daemon;

import java.util.Optional;

/** Sends mails. Blocks while it does; a daemon calls it on a thread that has nothing else to do. */
public interface MailCarrier {

    /** Sends a mail; the answer is why that failed, one line, or empty. */
    Optional<String> send(Mail mail);
}
