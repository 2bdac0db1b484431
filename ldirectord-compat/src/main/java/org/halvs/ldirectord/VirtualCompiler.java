package org.halvs.ldirectord;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.halvs.check.Service;
import org.halvs.director.Quiescence;
import org.halvs.director.RealPlan;
import org.halvs.director.Recovery;
import org.halvs.director.VirtualPlan;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Persistence;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerFlag;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.TunnelOptions;
import org.halvs.ipvs.VirtualService;
import org.halvs.ldirectord.Findings.Moment;
import org.halvs.ldirectord.LdirectordConfig.Statement;
import org.halvs.ldirectord.LdirectordConfig.VirtualBlock;
import org.halvs.linux.IpAddress;
import org.halvs.linux.IpAddress.Family;

/** One virtual block to one {@link VirtualPlan}. Confined to one reading. */
final class VirtualCompiler {
    private static final String REFUSED_BY_IPVSADM = "; ipvsadm refuses it, so the virtual service is not served";

    /** Where a slow start begins. */
    private static final int SLOW_START_PERCENT = 10;

    private static final List<SchedulerKind> WITHOUT_WEIGHTS =
            List.of(SchedulerKind.RR, SchedulerKind.LC, SchedulerKind.DH);

    private final VirtualBlock block;
    private final Globals globals;
    private final NameService names;
    private final ConfigFiles files;
    private final SiteRules site;
    private final Findings findings;
    private final Moment end;
    private boolean leftOut;

    /** A block that can be served, or could be but for something ipvsadm does not take. */
    record Compiled(VirtualPlan plan, VirtualOptions options) {}

    VirtualCompiler(
            VirtualBlock block,
            Globals globals,
            NameService names,
            ConfigFiles files,
            SiteRules site,
            Findings findings) {
        this.block = block;
        this.globals = globals;
        this.names = names;
        this.files = files;
        this.site = site;
        this.findings = findings;
        this.end = Moment.endOf(block);
    }

    /** The plan; empty when the block is in error or can't be served, of which the findings know. */
    Optional<Compiled> compile() {
        checkMonitorFiles();
        noteOverridden();
        Optional<Globals.Fallback> fallback = fallback();
        Optional<ServiceKey> key = key();
        Optional<CheckCompiler> checks =
                key.map(known -> new CheckCompiler(block, globals, known, names, site, findings));
        List<RealPlan> reals = new ArrayList<>();
        for (Statement statement : block.statements()) {
            if (statement.directive() == Directive.REAL || statement.directive() == Directive.REAL6) {
                new RealCompiler(statement, family(), key, names, findings, end).compile(checks, reals);
            }
        }
        Optional<VirtualService> service = key.flatMap(this::service);
        if (service.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Compiled(
                plan(
                        service.get(),
                        reals,
                        fallback.map(
                                server -> fallbackServer(server, service.get().key()))),
                new VirtualOptions(
                        service.get().key(),
                        checks.map(CheckCompiler::service).orElse(Service.NONE),
                        globals.emailAlert(block),
                        block.value(Directive.MONITORFILE),
                        block.value(Directive.COMMENT).orElse(""))));
    }

    /** Whether the block is in order but for something ipvsadm does not take. */
    boolean leftOut() {
        return leftOut;
    }

    private VirtualPlan plan(VirtualService service, List<RealPlan> reals, Optional<RealServer> fallback) {
        return new VirtualPlan(
                service,
                reals,
                fallback,
                globals.value(block, Directive.FALLBACKCOMMAND),
                globals.value(block, Directive.QUIESCENT).filter("yes"::equals).isPresent()
                        ? Quiescence.ZERO_WEIGHT
                        : Quiescence.REMOVE,
                globals.value(block, Directive.FAILURECOUNT)
                        .map(digits -> Math.clamp(ValueSyntax.number(digits), 1, Integer.MAX_VALUE))
                        .orElse(1),
                recovery(service),
                checkInterval(),
                globals.value(block, Directive.CLEANSTOP).filter("no"::equals).isEmpty(),
                block.value(Directive.SERVICENAME).orElse(""),
                block.line());
    }

    /** What the file says, and what the site says for files that do not. */
    private Recovery recovery(VirtualService service) {
        int successCount = globals.value(block, Directive.SUCCESSCOUNT)
                .map(digits -> (int) ValueSyntax.number(digits))
                .orElse(site.recovery().successCount());
        Optional<Duration> own = globals.value(block, Directive.SLOWSTART)
                .map(ValueSyntax::number)
                .map(Duration::ofSeconds);
        Duration slowStart = own.orElse(site.recovery().slowStart());
        if (slowStart.isZero()) {
            return new Recovery(successCount, Duration.ZERO, 100);
        }
        warnOfIdleSlowStart(service);
        int percent = site.recovery().slowStart().isZero()
                ? SLOW_START_PERCENT
                : site.recovery().startPercent();
        return new Recovery(successCount, slowStart, percent);
    }

    /** Some schedulers do not look at weights. */
    private void warnOfIdleSlowStart(VirtualService service) {
        Optional<Statement> own = block.last(Directive.SLOWSTART);
        if (own.isPresent() && WITHOUT_WEIGHTS.contains(service.scheduler())) {
            String scheduler = service.scheduler().word();
            findings.ourWarning(
                    end,
                    own.get().line(),
                    "slowstart",
                    "has no effect: scheduler " + scheduler + " knows no weights",
                    "use wrr or wlc");
        }
    }

    /** COMPAT: an interval of its own counts only where ldirectord would fork; otherwise the global one does. */
    private Duration checkInterval() {
        Optional<String> own = block.value(Directive.CHECKINTERVAL);
        return own.isPresent() && globals.yes(Directive.FORK) ? Globals.seconds(own.get()) : globals.checkInterval();
    }

    private Family family() {
        return block.ipv6() ? Family.IPV6 : Family.IPV4;
    }

    private void checkMonitorFiles() {
        for (Statement statement : block.statements()) {
            if (statement.directive() == Directive.MONITORFILE) {
                files.appendProblem(statement.value())
                        .ifPresent(why -> findings.error(
                                Moment.reading(statement.line()),
                                statement.line(),
                                "monitorfile",
                                "unable to open monitorfile " + statement.value() + ": " + why,
                                ""));
            }
        }
    }

    private void noteOverridden() {
        for (Statement statement : block.statements()) {
            boolean many = statement.directive() == Directive.REAL || statement.directive() == Directive.REAL6;
            block.last(statement.directive())
                    .filter(last -> !many && last.line() != statement.line())
                    .ifPresent(last -> findings.note(
                            Moment.reading(statement.line()),
                            statement.line(),
                            statement.directive().word(),
                            "has no effect, line " + last.line() + " says it again"));
        }
    }

    private Optional<Globals.Fallback> fallback() {
        Optional<Statement> own = block.last(block.ipv6() ? Directive.FALLBACK6 : Directive.FALLBACK);
        if (own.isEmpty() || !(FallbackLine.read(own.get().value()) instanceof FallbackLine.Server server)) {
            return globals.fallback(family());
        }
        OptionalInt port = server.port().map(text -> port(text, protocol())).orElse(OptionalInt.empty());
        return FallbackResolver.resolve(server, port, family(), names)
                .orReport((text, remedy) -> findings.error(
                        end, own.get().line(), own.get().directive().word(), text, remedy));
    }

    private static RealServer fallbackServer(Globals.Fallback fallback, ServiceKey key) {
        int port = switch (key) {
            case ServiceKey.AddressKey address ->
                fallback.method() == ForwardingMethod.MASQUERADE
                        ? fallback.port().orElse(address.port())
                        : address.port();
            case ServiceKey.FirewallMark _ -> fallback.port().orElse(0);
        };
        return new RealServer(fallback.address(), port, fallback.method(), 1, 0, 0, TunnelOptions.IPIP);
    }

    private OptionalInt port(String text, Optional<Protocol> protocol) {
        return Ports.isNumeric(text) ? Ports.number(text) : names.port(text, protocol);
    }

    /** The transport protocol of the block; empty for firewall marks. */
    private Optional<Protocol> protocol() {
        if (block.address().isPresent()
                && block.address().get() instanceof VirtualAddress.HostAndPort(String _, String port)) {
            // COMPAT: only the literal texts 53 and domain mean UDP; 053 does not
            boolean dns = port.equals("53") || port.equals("domain");
            String word = block.value(Directive.PROTOCOL).orElse(dns ? "udp" : "tcp");
            return Optional.of(word.equals("udp") ? Protocol.UDP : Protocol.TCP);
        }
        return Optional.empty();
    }

    private Optional<ServiceKey> key() {
        if (block.address().isEmpty()) {
            return Optional.empty();
        }
        return switch (block.address().get()) {
            case VirtualAddress.Mark mark -> mark(mark.digits());
            case VirtualAddress.HostAndPort address -> addressKey(address);
        };
    }

    private Optional<ServiceKey> mark(String digits) {
        long mark = 0;
        for (int i = 0; i < digits.length() && mark <= 0xffffffffL; i++) {
            mark = mark * 10 + Character.digit(digits.charAt(i), 10);
        }
        if (mark < 1 || mark > 0xffffffffL) {
            notServed("virtual", block.line(), "firewall mark " + digits, "use a mark from 1 to 4294967295");
            return Optional.empty();
        }
        return Optional.of(new ServiceKey.FirewallMark(family(), mark));
    }

    private Optional<ServiceKey> addressKey(VirtualAddress.HostAndPort written) {
        Optional<IpAddress> address = names.host(written.host(), family());
        OptionalInt port = port(written.port(), protocol());
        if (address.isPresent() && port.isPresent()) {
            return Optional.of(new ServiceKey.AddressKey(protocol().orElseThrow(), address.get(), port.getAsInt()));
        }
        String version = block.ipv6() ? "IPv6" : "IPv4";
        String remedy = address.isEmpty()
                ? written.host() + " is no " + version + " address and no host name that has one"
                : written.port() + " is no port from 0 to 65535 and no "
                        + protocol().orElseThrow().name().toLowerCase(Locale.ROOT) + " service in /etc/services";
        findings.error(
                end,
                block.line(),
                block.ipv6() ? "virtual6" : "virtual",
                "invalid address for virtual service",
                remedy);
        return Optional.empty();
    }

    private Optional<VirtualService> service(ServiceKey key) {
        Optional<Statement> scheduler = block.last(Directive.SCHEDULER);
        String word = scheduler.map(Statement::value).orElse("wrr");
        Optional<SchedulerKind> kind = SchedulerKind.of(word);
        if (kind.isEmpty()) {
            notServed(
                    "scheduler",
                    scheduler.map(Statement::line).orElse(block.line()),
                    "there is no scheduler \"" + word + "\"",
                    "use rr, wrr, lc, wlc, lblc, lblcr, dh, sh, mh, sed, nq, fo, ovf or twos");
            return Optional.empty();
        }
        Optional<List<SchedulerFlag>> flags = flags(kind.get());
        Optional<PersistenceChoice> persistence = persistence(key);
        if (flags.isEmpty() || persistence.isEmpty()) {
            return Optional.empty();
        }
        if (key instanceof ServiceKey.AddressKey(Protocol _, IpAddress _, int port)
                && port == 0
                && persistence.get().persistence().isEmpty()) {
            notServed("virtual", block.line(), "port 0 stands for all ports and needs persistence", "add persistent");
            return Optional.empty();
        }
        boolean udp =
                key instanceof ServiceKey.AddressKey(Protocol protocol, IpAddress _, int _) && protocol == Protocol.UDP;
        boolean ops = block.value(Directive.OPS).filter("yes"::equals).isPresent();
        if (ops && !udp) {
            block.last(Directive.OPS)
                    .ifPresent(statement -> findings.note(
                            Moment.reading(statement.line()), statement.line(), "ops", "has no effect but with udp"));
        }
        return Optional.of(new VirtualService(
                key, kind.get(), flags.get(), persistence.get().persistence(), ops && udp));
    }

    private Optional<List<SchedulerFlag>> flags(SchedulerKind kind) {
        Optional<Statement> statement = block.last(Directive.SCHEDFLAGS);
        List<SchedulerFlag> flags = new ArrayList<>();
        if (statement.isPresent()) {
            for (String word : ValueSyntax.commaList(statement.get().value())) {
                Optional<SchedulerFlag> flag = SchedulerFlag.of(kind, word);
                if (flag.isEmpty()) {
                    notServed(
                            "schedflags",
                            statement.get().line(),
                            "scheduler " + kind.word() + " has no flag \"" + word + "\"",
                            "use flag-1, flag-2, flag-3, or sh-port, sh-fallback, mh-port, mh-fallback with sh and mh");
                    return Optional.empty();
                }
                flags.add(flag.get());
            }
        }
        return Optional.of(flags);
    }

    /** A decision for or against persistence. */
    private record PersistenceChoice(Optional<Persistence> persistence) {}

    private Optional<PersistenceChoice> persistence(ServiceKey key) {
        Optional<Statement> statement = block.last(Directive.PERSISTENT);
        if (statement.isEmpty()) {
            // COMPAT: a netmask without persistence is not passed on
            return Optional.of(new PersistenceChoice(Optional.empty()));
        }
        long seconds = ValueSyntax.number(statement.get().value());
        if (seconds < 1 || seconds > Persistence.MAX_TIMEOUT_SECONDS) {
            notServed(
                    "persistent",
                    statement.get().line(),
                    "a timeout of " + statement.get().value() + " s",
                    "use 1 to " + Persistence.MAX_TIMEOUT_SECONDS + ", or remove the line");
            return Optional.empty();
        }
        Optional<Statement> mask = block.last(Directive.NETMASK);
        int bits = key.family() == Family.IPV4 ? -1 : Family.IPV6.bits();
        if (mask.isPresent() && key.family() == Family.IPV6) {
            bits = (int) ValueSyntax.number(mask.get().value());
        } else if (mask.isPresent()) {
            Optional<IpAddress> quad = IpAddress.parse(mask.get().value());
            if (quad.isEmpty()) {
                notServed(
                        "netmask",
                        mask.get().line(),
                        mask.get().value() + " is no netmask",
                        "write one such as 255.255.255.0");
                return Optional.empty();
            }
            bits = quad.get().ipv4();
        }
        return Optional.of(new PersistenceChoice(Optional.of(new Persistence((int) seconds, bits, Optional.empty()))));
    }

    /** COMPAT: ldirectord loads such a file, ipvsadm then refuses the service, and everything else is served. */
    private void notServed(String directive, int line, String what, String remedy) {
        leftOut = true;
        findings.ourWarning(end, line, directive, what + REFUSED_BY_IPVSADM, remedy);
    }
}
