package org.halvs.ldirectord.daemon;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.apache.commons.exec.CommandLine;
import org.apache.commons.exec.DefaultExecutor;
import org.apache.commons.exec.ExecuteWatchdog;
import org.apache.commons.exec.PumpStreamHandler;

/** Sends mails through the local mailer, {@code sendmail -t}. */
public final class SendmailCarrier implements MailCarrier {
    private static final Duration TIME_LIMIT = Duration.ofSeconds(30);

    private final Path sendmail;

    /** @param sendmail the program, {@code /usr/sbin/sendmail} */
    public SendmailCarrier(Path sendmail) {
        this.sendmail = sendmail;
    }

    @Override
    public Optional<String> send(Mail mail) {
        CommandLine command = new CommandLine(sendmail);
        command.addArgument("-t");
        ExecuteWatchdog watchdog =
                ExecuteWatchdog.builder().setTimeout(TIME_LIMIT).get();
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        DefaultExecutor executor = DefaultExecutor.builder()
                .setExecuteStreamHandler(new PumpStreamHandler(
                        said, said, new ByteArrayInputStream(text(mail).getBytes(StandardCharsets.UTF_8))))
                .get();
        executor.setWatchdog(watchdog);
        executor.setExitValues(null);
        try {
            int status = executor.execute(command);
            return status == 0
                    ? Optional.empty()
                    : Optional.of(sendmail + " ended with status " + status + " "
                            + said.toString(StandardCharsets.UTF_8).strip());
        } catch (IOException e) {
            return Optional.of(sendmail + " could not be run: " + e.getMessage());
        }
    }

    private static String text(Mail mail) {
        String from = mail.from().isEmpty() ? "" : "From: " + mail.from() + "\n";
        return from + "To: " + String.join(", ", mail.recipients()) + "\nSubject: " + mail.subject() + "\n\n" + mail.body();
    }
}
