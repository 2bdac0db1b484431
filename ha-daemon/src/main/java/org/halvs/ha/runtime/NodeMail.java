package org.halvs.ha.runtime;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.halvs.ldirectord.daemon.Mail;
import org.halvs.ldirectord.daemon.MailCarrier;
import org.halvs.ldirectord.daemon.SendmailCarrier;
import org.halvs.ldirectord.daemon.SmtpCarrier;
import org.halvs.resource.builtin.MailSender;

/** The mails of {@code MailTo}, one after the other on the thread {@code mail}, which is there while there is one to send. */
final class NodeMail implements MailSender, AutoCloseable {
    private static final Logger LOG = System.getLogger("halvs");
    private static final int MOST_WAITING = 100;
    private static final Path SENDMAIL = Path.of("/usr/sbin/sendmail");

    private final MailCarrier carrier;
    private final String server;
    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            Thread.ofPlatform().daemon().name("mail").factory());

    /**
     * @param server the SMTP server; empty for the local mailer, {@code /usr/sbin/sendmail}
     */
    NodeMail(String node, Optional<String> server) {
        this.carrier = new SmtpCarrier(node, new SendmailCarrier(SENDMAIL));
        this.server = server.orElse("");
        thread.allowCoreThreadTimeOut(true);
    }

    @Override
    public void send(List<String> recipients, String subject, String body) {
        Mail mail = new Mail(recipients, "", server, subject, body);
        try {
            thread.execute(() -> carrier.send(mail).ifPresent(NodeMail::complain));
        } catch (RejectedExecutionException _) {
            complain("too many mails are waiting");
        }
    }

    private static void complain(String problem) {
        LOG.log(Level.WARNING, "MailTo: the mail was not sent: {0}", problem);
    }

    /** What is queued gets a moment to leave. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(2, TimeUnit.SECONDS)) {
                complain("the daemon has ended before it was");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
