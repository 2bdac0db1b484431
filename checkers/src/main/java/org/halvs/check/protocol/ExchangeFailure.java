package org.halvs.check.protocol;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger.Level;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckTarget;

/** What it means for a check that an exchange threw something. */
final class ExchangeFailure {
    private static final System.Logger LOGGER = System.getLogger(ExchangeFailure.class.getName());

    private ExchangeFailure() {}

    /**
     * The failure that {@code problem} is.
     *
     * @param timeIsOver whether the problem may be one only because nobody waits any longer
     */
    static Failed of(Exception problem, CheckTarget target, Duration timeout, boolean timeIsOver) {
        if (problem instanceof IOException e) {
            return ofConnection(e, timeout, timeIsOver);
        }
        // A server must not be able to break a check; when one can, it is a mistake of ours.
        LOGGER.log(Level.WARNING, "the answer of " + target + " broke its check", problem);
        return new Failed(Reason.PROTOCOL_ERROR, "an answer that could not be understood");
    }

    private static Failed ofConnection(IOException e, Duration timeout, boolean timeIsOver) {
        return switch (e) {
            case MalformedAnswerException malformed -> new Failed(Reason.PROTOCOL_ERROR, message(malformed));
            case InterruptedIOException _, ClosedByInterruptException _ -> timedOut(timeout);
            case NoRouteToHostException _ -> new Failed(Reason.REFUSED, "no route to host");
            case PortUnreachableException _ -> new Failed(Reason.REFUSED, "port unreachable");
            case ConnectException connect -> connectFailure(connect, timeout);
            case UnknownHostException unknown -> new Failed(Reason.NOT_POSSIBLE, "unknown host " + message(unknown));
            case EOFException _ ->
                new Failed(Reason.PROTOCOL_ERROR, "connection closed before the answer was complete");
            case SSLException _ when timeIsOver -> timedOut(timeout);
            case SSLException tls
            when certificateProblem(tls).isPresent() ->
                new Failed(
                        Reason.UNEXPECTED_ANSWER,
                        "certificate " + certificateProblem(tls).get());
            case SSLException tls -> new Failed(Reason.PROTOCOL_ERROR, "TLS: " + message(tls));
            default ->
                timeIsOver
                        ? timedOut(timeout)
                        : new Failed(Reason.PROTOCOL_ERROR, message(e).toLowerCase(Locale.ROOT));
        };
    }

    /** What the verifier says, without the words of those it went through. */
    private static Optional<String> certificateProblem(SSLException e) {
        return Stream.iterate((Throwable) e, Objects::nonNull, Throwable::getCause)
                .limit(8)
                .filter(cause -> cause instanceof CertificateException)
                .map(cause -> String.valueOf(cause.getMessage()))
                .findFirst();
    }

    private static Failed connectFailure(ConnectException e, Duration timeout) {
        String text = message(e);
        return text.contains("timed out") // the kernel gave up, before us
                ? timedOut(timeout)
                : new Failed(Reason.REFUSED, text.toLowerCase(Locale.ROOT));
    }

    static Failed timedOut(Duration timeout) {
        return new Failed(Reason.TIMED_OUT, "no complete answer within " + timeout.toMillis() + " ms");
    }

    private static String message(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
