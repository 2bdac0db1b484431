package org.halvs.ldirectord;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ldirectord.EmailAlert.DaemonStatus;
import org.halvs.ldirectord.Findings.Moment;
import org.halvs.ldirectord.LdirectordConfig.Statement;
import org.halvs.ldirectord.LdirectordConfig.VirtualBlock;
import org.halvs.linux.IpAddress;
import org.halvs.linux.IpAddress.Family;

/** The global directives of one file, the last of each counting, and how they fill in for what a block leaves out. Immutable. */
final class Globals {
    private static final Duration DEFAULT_CHECK_INTERVAL = Duration.ofSeconds(10);

    private final List<Statement> statements;
    private final Optional<Fallback> fallback;
    private final Optional<Fallback> fallback6;

    /**
     * A fallback server whose names are resolved.
     *
     * @param port empty for the port of the virtual service at hand
     */
    record Fallback(IpAddress address, OptionalInt port, ForwardingMethod method) {}

    private Globals(List<Statement> statements, Optional<Fallback> fallback, Optional<Fallback> fallback6) {
        this.statements = statements;
        this.fallback = fallback;
        this.fallback6 = fallback6;
    }

    /** Looks at every global statement once, complaining of those the world does not bear out. */
    static Globals compile(LdirectordConfig config, NameService names, ConfigFiles files, Findings findings) {
        List<Statement> statements = config.globals();
        Optional<Fallback> fallback = Optional.empty();
        Optional<Fallback> fallback6 = Optional.empty();
        for (Statement statement : statements) {
            switch (statement.directive()) {
                case FALLBACK -> fallback = fallback(statement, Family.IPV4, names, findings);
                case FALLBACK6 -> fallback6 = fallback(statement, Family.IPV6, names, findings);
                case LOGFILE -> checkLogFile(statement, files, findings);
                case MAINTENANCEDIR -> checkMaintenanceDir(statement, files, findings);
                default -> noteOverridden(statements, statement, findings);
            }
        }
        return new Globals(statements, fallback, fallback6);
    }

    private static void noteOverridden(List<Statement> statements, Statement statement, Findings findings) {
        LdirectordConfig.lastOf(statements, statement.directive())
                .filter(last -> last.line() != statement.line() && statement.directive() != Directive.EXECUTE)
                .ifPresent(last -> findings.note(
                        Moment.reading(statement.line()),
                        statement.line(),
                        statement.directive().word(),
                        "has no effect, line " + last.line() + " says it again"));
    }

    private static Optional<Fallback> fallback(
            Statement statement, Family family, NameService names, Findings findings) {
        if (!(FallbackLine.read(statement.value()) instanceof FallbackLine.Server server)) {
            return Optional.empty();
        }
        // COMPAT: a global fallback has no protocol yet, so its port must be a number
        OptionalInt port = server.port().map(Ports::number).orElse(OptionalInt.empty());
        Moment now = Moment.reading(statement.line());
        return FallbackResolver.resolve(server, port, family, names)
                .orReport((text, remedy) -> findings.error(
                        now, statement.line(), statement.directive().word(), text, remedy));
    }

    private static void checkLogFile(Statement statement, ConfigFiles files, Findings findings) {
        if (!statement.value().startsWith("/")) {
            return;
        }
        files.appendProblem(statement.value())
                .ifPresent(why -> findings.error(
                        Moment.reading(statement.line()),
                        statement.line(),
                        "logfile",
                        "unable to open logfile: " + statement.value(),
                        why));
    }

    private static void checkMaintenanceDir(Statement statement, ConfigFiles files, Findings findings) {
        if (!files.isDirectory(statement.value())) {
            findings.warning(
                    Moment.reading(statement.line()),
                    statement.line(),
                    "maintenancedir",
                    "maintenance directory does not exist",
                    "make it, or correct the path: " + statement.value());
        }
    }

    Optional<Fallback> fallback(Family family) {
        return family == Family.IPV4 ? fallback : fallback6;
    }

    Optional<String> value(Directive directive) {
        return LdirectordConfig.lastOf(statements, directive).map(Statement::value);
    }

    /** What the block says, else what is said globally. */
    Optional<String> value(VirtualBlock block, Directive directive) {
        return block.value(directive).or(() -> value(directive));
    }

    boolean yes(Directive directive) {
        return value(directive).filter("yes"::equals).isPresent();
    }

    /** The statements before {@code line} alone, which ldirectord goes by when it stops there. */
    Globals before(int line) {
        return new Globals(
                statements.stream().filter(statement -> statement.line() < line).toList(), fallback, fallback6);
    }

    LdirectordOptions options() {
        List<String> execute = new ArrayList<>();
        for (Statement statement : statements) {
            if (statement.directive() == Directive.EXECUTE && !statement.value().isBlank()) {
                execute.add(statement.value().strip());
            }
        }
        return new LdirectordOptions(
                logTarget(),
                checkInterval(),
                yes(Directive.AUTORELOAD),
                value(Directive.CALLBACK).filter(program -> !program.isEmpty()),
                execute,
                emailAlert(this::value),
                value(Directive.MAINTENANCEDIR),
                yes(Directive.SUPERVISED),
                yes(Directive.FORK));
    }

    private LdirectordOptions.LogTarget logTarget() {
        Optional<String> target = value(Directive.LOGFILE);
        if (target.isEmpty()) {
            return LdirectordOptions.LogTarget.DEFAULT;
        }
        return target.get().startsWith("/")
                ? new LdirectordOptions.LogFile(target.get())
                : new LdirectordOptions.SyslogFacility(target.get());
    }

    Duration checkInterval() {
        return value(Directive.CHECKINTERVAL).map(Globals::seconds).orElse(DEFAULT_CHECK_INTERVAL);
    }

    /** The mails of one block. */
    EmailAlert emailAlert(VirtualBlock block) {
        return emailAlert(directive -> value(block, directive));
    }

    private EmailAlert emailAlert(java.util.function.Function<Directive, Optional<String>> value) {
        return new EmailAlert(
                value.apply(Directive.EMAILALERT).orElse(""),
                value(Directive.EMAILALERTFROM).orElse(""),
                value.apply(Directive.SMTP).orElse(""),
                Duration.ofSeconds(value.apply(Directive.EMAILALERTFREQ)
                        .map(ValueSyntax::number)
                        .orElse(0L)),
                statuses(value.apply(Directive.EMAILALERTSTATUS).orElse("all")));
    }

    private static List<DaemonStatus> statuses(String value) {
        List<String> words = ValueSyntax.commaList(value);
        if (words.contains("all")) {
            return List.of(DaemonStatus.values());
        }
        List<DaemonStatus> statuses = new ArrayList<>();
        for (DaemonStatus status : DaemonStatus.values()) {
            if (words.contains(status.name().toLowerCase(Locale.ROOT))) {
                statuses.add(status);
            }
        }
        return statuses;
    }

    /** A positive time; COMPAT: "00" passes ldirectord's test for zero and can't be meant. */
    static Duration seconds(String digits) {
        return Duration.ofSeconds(Math.max(1, ValueSyntax.number(digits)));
    }
}
