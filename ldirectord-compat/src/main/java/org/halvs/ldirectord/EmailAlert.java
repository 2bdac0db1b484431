package org.halvs.ldirectord;

import java.time.Duration;
import java.util.List;

/**
 * Who is told by mail of what happens.
 *
 * @param recipients one or more addresses, separated by commas; empty for no mail
 * @param from the sender; empty for root at this host
 * @param smtpServer the server that takes the mail; empty for the local mailer
 * @param reminder time between two reminders of a server that stays down; zero for none
 * @param statuses the states of the daemon in which mail is sent
 */
public record EmailAlert(
        String recipients, String from, String smtpServer, Duration reminder, List<DaemonStatus> statuses) {
    /** What a daemon may be doing. */
    public enum DaemonStatus {
        STARTING,
        RUNNING,
        STOPPING,
        RELOADING
    }

    public EmailAlert {
        statuses = List.copyOf(statuses);
    }
}
