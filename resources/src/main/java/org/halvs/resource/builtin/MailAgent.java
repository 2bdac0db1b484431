package org.halvs.resource.builtin;

import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.halvs.resource.ActionResult;
import org.halvs.resource.ResourceAgent;

/**
 * {@code MailTo::address[,address][::subject]}: says by mail that the group comes and goes, in the words of the OCF agent
 * MailTo. The mail leaves on another thread, so a mail server that hangs holds nothing up; whether it arrived does not
 * change how the group fares.
 */
public final class MailAgent implements ResourceAgent {
    private static final String SUBJECT = "Resource Group"; // the OCF agent's
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("EEE MMM d HH:mm:ss zzz yyyy", Locale.ROOT);

    private final List<String> recipients;
    private final String subject;
    private final String node;
    private final MailSender sender;
    private boolean started;

    /** An agent for the arguments of haresources; wrong ones make one that never starts and says why. */
    public MailAgent(List<String> arguments, String node, MailSender sender) {
        this.recipients = arguments.isEmpty()
                ? List.of()
                : Stream.of(arguments.getFirst().split(","))
                        .filter(address -> !address.isBlank())
                        .toList();
        this.subject = arguments.size() > 1 && !arguments.get(1).isBlank() ? arguments.get(1) : SUBJECT;
        this.node = node;
        this.sender = sender;
    }

    @Override
    public ActionResult start() {
        if (recipients.isEmpty()) {
            return new ActionResult.Failed(2, "MailTo: no address is given; write MailTo::admin@example.org::subject");
        }
        if (!started) {
            started = true;
            send("Takeover in progress at " + now() + " on " + node);
        }
        return ActionResult.done();
    }

    @Override
    public ActionResult stop() {
        if (started) {
            started = false;
            send("Migrating resource away at " + now() + " from " + node);
        }
        return ActionResult.done();
    }

    private void send(String text) {
        sender.send(recipients, subject + " " + text, text + "\n");
    }

    private static String now() {
        return TIME.format(ZonedDateTime.now(ZoneId.systemDefault()));
    }

    @Override
    public ActionResult status() {
        return started ? ActionResult.done() : new ActionResult.NotRunning();
    }
}
