package org.halvs.check;

import java.time.Duration;
import java.util.List;

/**
 * What to check and what counts as success. Two probes with equal target and equal specification are one probe.
 *
 * <p>Timeouts are positive and cover the whole probe; when they have passed the probe is cancelled and counts as failed.
 */
public sealed interface CheckSpec {

    /** Longest time a probe may take. */
    Duration timeout();

    /** Always up, nothing is sent ({@code checktype = on}, {@code service = none}). */
    record On() implements CheckSpec {
        @Override
        public Duration timeout() {
            return Duration.ofSeconds(1);
        }
    }

    /** Never up, nothing is sent ({@code checktype = off}). */
    record Off() implements CheckSpec {
        @Override
        public Duration timeout() {
            return Duration.ofSeconds(1);
        }
    }

    /** A TCP connection is made and closed. */
    record Connect(Duration timeout) implements CheckSpec {}

    /**
     * ICMP echo.
     *
     * @param tries how many requests may go unanswered before the probe fails, 1 or more; each waits {@code tryTimeout}
     */
    record Ping(int tries, Duration tryTimeout) implements CheckSpec {
        @Override
        public Duration timeout() {
            return tryTimeout.multipliedBy(tries);
        }
    }

    /**
     * A program of the administrator; exit status 0 is up.
     *
     * @param command the program's path, as written
     * @param arguments virtual address or mark, virtual port, real address, real port
     */
    record External(String command, List<String> arguments, Duration timeout) implements CheckSpec {
        public External {
            arguments = List.copyOf(arguments);
        }
    }

    /** A Perl script of the administrator, run by a perl of its own; exit status 0 is up. */
    record ExternalPerl(String script, List<String> arguments, Duration timeout) implements CheckSpec {
        public ExternalPerl {
            arguments = List.copyOf(arguments);
        }
    }

    /** An exchange in the protocol of a service. */
    record Negotiate(Exchange exchange, Duration timeout) implements CheckSpec {}

    /**
     * Negotiates until it succeeds, then makes {@code connects} connect checks before it negotiates again ({@code checktype = N}).
     *
     * @param connects 0 or more; 0 negotiates always
     */
    record Combined(Negotiate negotiate, Connect connect, int connects) implements CheckSpec {
        @Override
        public Duration timeout() {
            return negotiate.timeout();
        }
    }

    /**
     * A text is sent, if there is one, and the beginning of the first answer compared: the check of Piranha's nanny.
     *
     * @param datagram whether it goes by UDP
     * @param send what is sent as it stands; empty for nothing
     * @param expect what the answer must begin with, {@code *} for any byte, or the regular expression it must contain in its first 254 bytes;
     *     empty for no answer by TCP and for any answer by UDP
     * @param regularExpression whether {@code expect} is one
     */
    record SendExpect(boolean datagram, String send, String expect, boolean regularExpression, Duration timeout)
            implements CheckSpec {}

    /**
     * A program of the administrator, up when it exits with 0 and writes what is expected: the check of Piranha's nanny with
     * {@code send_program}.
     *
     * @param command the program and its arguments
     * @param expect what its standard output must be, but for a line end; empty for whatever it is
     */
    record ProgramOutput(List<String> command, String expect, Duration timeout) implements CheckSpec {
        public ProgramOutput {
            command = List.copyOf(command);
        }
    }

    /**
     * What is said in an exchange; empty strings where ldirectord.cf says nothing. Login, password and secret never leave this record in a
     * text: {@link #toString()} leaves them out.
     *
     * @param datagram whether the exchange goes by UDP where the service can do both
     * @param request the path, query, command or search base, as written but for ldirectord's leading slash
     * @param receive a regular expression the answer must contain; empty for any answer
     * @param httpMethod {@code GET} or {@code HEAD}
     * @param virtualHost the Host header and TLS server name; empty for the address of the real server
     * @param verified whether the certificate of a server that has one must hold: its issuer trusted, its time not over, its name that of the
     *     virtual host or else the address of the real server
     */
    record Exchange(
            Service service,
            boolean datagram,
            String request,
            String receive,
            String httpMethod,
            String virtualHost,
            String login,
            String password,
            String secret,
            String database,
            boolean verified) {

        /** An exchange with a server whose certificate, if there is one, nobody looks at. */
        public Exchange(
                Service service,
                boolean datagram,
                String request,
                String receive,
                String httpMethod,
                String virtualHost,
                String login,
                String password,
                String secret,
                String database) {
            this(
                    service,
                    datagram,
                    request,
                    receive,
                    httpMethod,
                    virtualHost,
                    login,
                    password,
                    secret,
                    database,
                    false);
        }

        /** An exchange of {@code service} over TCP that sends {@code request} and accepts any answer. */
        public static Exchange of(Service service, String request) {
            return new Exchange(service, false, request, "", "GET", "", "", "", "", "");
        }

        public Exchange expecting(String newReceive) {
            return new Exchange(
                    service,
                    datagram,
                    request,
                    newReceive,
                    httpMethod,
                    virtualHost,
                    login,
                    password,
                    secret,
                    database,
                    verified);
        }

        @Override
        public String toString() {
            return service.word() + " request=" + request + " receive=" + receive + " virtualhost=" + virtualHost;
        }
    }
}
