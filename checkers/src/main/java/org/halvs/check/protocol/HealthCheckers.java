package org.halvs.check.protocol;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckTarget;
import org.halvs.check.HealthChecker;
import org.halvs.linux.IcmpEcho;
import org.jspecify.annotations.Nullable;

/** Makes the checker of each kind of check. Thread-safe; one for a whole daemon. */
public final class HealthCheckers {
    private final IcmpEcho echo;
    private final ClientSettings client;
    private final Tls accepting = Tls.acceptingAnyCertificate();
    private final HostNames names = new HostNames();
    private @Nullable Tls verifying;

    /** Checkers that ping through {@code echo}, which stays the caller's to close, and behave as is usual. */
    public HealthCheckers(IcmpEcho echo) {
        this(echo, ClientSettings.DEFAULT);
    }

    /** Checkers that behave as a site wants it. */
    public HealthCheckers(IcmpEcho echo, ClientSettings client) {
        this.echo = echo;
        this.client = client;
    }

    /**
     * The checker for {@code spec}. A specification that cannot be checked (an expression that is none, a service that needs a library we do not
     * ship) gives a checker that says so each time. For a combined check it is that of its negotiate; the runner plays the phases.
     */
    public HealthChecker of(CheckSpec spec) {
        return switch (spec) {
            case CheckSpec.On _ -> new Always(new Passed("always on"));
            case CheckSpec.Off _ -> new Always(new Failed(Reason.NOT_POSSIBLE, "switched off"));
            case CheckSpec.Connect _ -> new StreamedChecker(ConnectCheck::new);
            case CheckSpec.Ping ping -> new PingCheck(echo, ping);
            case CheckSpec.External external -> ExternalCheck.program(external);
            case CheckSpec.ExternalPerl perl -> ExternalCheck.perl(perl, "perl");
            case CheckSpec.SendExpect sendExpect -> sending(sendExpect);
            case CheckSpec.ProgramOutput program -> new ProgramOutputCheck(program);
            case CheckSpec.Negotiate(Exchange exchange, Duration _) -> negotiating(exchange);
            case CheckSpec.Combined combined -> of(combined.negotiate());
        };
    }

    private static HealthChecker sending(CheckSpec.SendExpect spec) {
        try {
            return new GuardedChecker(new SendExpectCheck(spec));
        } catch (PatternSyntaxException e) {
            return new Always(new Failed(
                    Reason.NOT_POSSIBLE,
                    "expect is not a regular expression (" + e.getDescription() + "): " + spec.expect()));
        }
    }

    /** Made when it is wanted first: the system's authorities are more than a hundred certificates. */
    private synchronized Tls verifying() {
        Tls made = verifying;
        if (made == null) {
            made = Tls.verifyingCertificates(client.authorities());
            verifying = made;
        }
        return made;
    }

    private HealthChecker negotiating(Exchange exchange) {
        Tls tls = exchange.verified() ? verifying() : accepting;
        try {
            return switch (exchange.service()) {
                case HTTP, HTTPS, HTTP_PROXY -> new HttpCheck(exchange, tls, names, client.userAgent()).checker();
                case SMTP, SUBMISSION -> new GuardedChecker(new SmtpCheck());
                case POP -> new GuardedChecker(new PopCheck(exchange, Optional.empty()));
                case POPS -> new GuardedChecker(new PopCheck(exchange, Optional.of(tls)));
                case IMAP -> new GuardedChecker(new ImapCheck(exchange, Optional.empty()));
                case IMAPS -> new GuardedChecker(new ImapCheck(exchange, Optional.of(tls)));
                case FTP -> new GuardedChecker(new FtpCheck(exchange, client.activeFtp()));
                case NNTP -> new GuardedChecker(new NntpCheck());
                case DNS -> new GuardedChecker(new DnsCheck(exchange));
                case SIMPLETCP -> new GuardedChecker(new SimpleTcpCheck(exchange));
                case SIP -> new GuardedChecker(new SipCheck(exchange));
                case LDAP -> new GuardedChecker(new LdapCheck(exchange, Optional.empty()));
                case LDAPS -> new GuardedChecker(new LdapCheck(exchange, Optional.of(tls)));
                case RADIUS -> new GuardedChecker(new RadiusCheck(exchange));
                case MYSQL -> new GuardedChecker(new MysqlCheck(exchange));
                case PGSQL -> new GuardedChecker(new PgsqlCheck(exchange));
                case ORACLE ->
                    notPossible(
                            "service oracle needs Oracle's driver, which may not be distributed; use checktype external");
                case NONE -> new Always(new Passed("nothing to check"));
            };
        } catch (PatternSyntaxException e) {
            return notPossible(
                    "receive is not a regular expression (" + e.getDescription() + "): " + exchange.receive());
        } catch (IllegalArgumentException e) {
            return notPossible("request: " + e.getMessage());
        }
    }

    private static HealthChecker notPossible(String why) {
        return new Always(new Failed(Reason.NOT_POSSIBLE, why));
    }

    private record Always(CheckResult result) implements HealthChecker {
        @Override
        public CheckResult check(CheckTarget target, Duration timeout) {
            return result;
        }
    }
}
