package org.halvs.ldirectord.daemon;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Sends mails one after another on a thread of its own. */
final class MailQueue implements AutoCloseable {
    /** More mails than this waiting mean that nobody takes them. */
    private static final int MOST_WAITING = 1000;

    private final MailCarrier carrier;
    private final Consumer<String> complaints;
    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            Thread.ofPlatform().daemon().name("mail").factory());

    /** @param complaints gets a line when a mail could not be sent; called on the queue's thread */
    MailQueue(MailCarrier carrier, Consumer<String> complaints) {
        this.carrier = carrier;
        this.complaints = complaints;
    }

    void send(Mail mail) {
        try {
            thread.execute(() -> carrier.send(mail).ifPresent(problem -> complaints.accept(failure(mail, problem))));
        } catch (RejectedExecutionException e) {
            complaints.accept(failure(mail, "too many mails are waiting"));
        }
    }

    private static String failure(Mail mail, String problem) {
        String how = mail.smtpServer().isEmpty() ? "failed to send email message" : "failed to send SMTP email message";
        return how + ": " + problem;
    }

    /** Waits for what is queued, at most {@code patience}. */
    void finish(Duration patience) {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                complaints.accept(thread.getQueue().size() + " mails are left unsent");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
