package org.halvs.ldirectord;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.halvs.check.CheckSpec;
import org.halvs.check.CheckTarget;
import org.halvs.check.Service;
import org.halvs.director.OldBehaviour;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ldirectord.Findings.Moment;
import org.halvs.ldirectord.LdirectordConfig.Statement;
import org.halvs.ldirectord.LdirectordConfig.VirtualBlock;
import org.halvs.linux.IpAddress;
import org.halvs.linux.IpAddress.Family;

/** How the real servers of one virtual block are checked. Confined to one reading. */
final class CheckCompiler {
    private static final Pattern URL =
            Pattern.compile("(https?)://(\\[[0-9A-Fa-f:]+\\]|[^:/\\[\\]]+)(?::(\\d+))?(/.*)?", Pattern.DOTALL);
    private static final long DEFAULT_CHECK_SECONDS = 5;
    private static final long DEFAULT_NEGOTIATE_SECONDS = 30;

    private final VirtualBlock block;
    private final Globals globals;
    private final ServiceKey key;
    private final NameService names;
    private final SiteRules site;
    private final Findings findings;
    private final Moment end;
    private final Optional<String> siteCommand;
    private final Service service;
    private final Duration checkTimeout;
    private final Duration negotiateTimeout;
    private final Map<String, String> receives = new LinkedHashMap<>();

    /** What to check, and where. */
    record Check(CheckSpec spec, CheckTarget target) {}

    CheckCompiler(
            VirtualBlock block, Globals globals, ServiceKey key, NameService names, SiteRules site, Findings findings) {
        this.block = block;
        this.globals = globals;
        this.key = key;
        this.names = names;
        this.site = site;
        this.findings = findings;
        this.end = Moment.endOf(block);
        this.siteCommand = block.value(Directive.SERVICE)
                .flatMap(word -> Optional.ofNullable(site.services().get(word)));
        this.service = block.value(Directive.SERVICE)
                .flatMap(Service::of)
                .orElseGet(
                        () -> Service.inferredFrom(key instanceof ServiceKey.AddressKey address ? address.port() : 0));
        this.checkTimeout = timeout(DEFAULT_CHECK_SECONDS, Directive.CHECKTIMEOUT, Directive.NEGOTIATETIMEOUT);
        this.negotiateTimeout = timeout(DEFAULT_NEGOTIATE_SECONDS, Directive.NEGOTIATETIMEOUT, Directive.CHECKTIMEOUT);
        warnOfSqlWithoutLogin();
    }

    /** What the block's {@code service} says, or else its port. */
    Service service() {
        return service;
    }

    /** Both directives of the block come before those of the file, the first of the two before the second. */
    private Duration timeout(long defaultSeconds, Directive first, Directive second) {
        return block.value(first)
                .or(() -> block.value(second))
                .or(() -> globals.value(first))
                .or(() -> globals.value(second))
                .map(Globals::seconds)
                .orElse(Duration.ofSeconds(defaultSeconds));
    }

    private void warnOfSqlWithoutLogin() {
        boolean sql = service == Service.MYSQL || service == Service.PGSQL || service == Service.ORACLE;
        boolean negotiated = !List.of("connect", "ping", "on", "off", "external", "external-perl")
                .contains(checkType());
        boolean complete = block.value(Directive.LOGIN).isPresent()
                && block.value(Directive.REQUEST).isPresent();
        if (sql && negotiated && !complete) {
            findings.ourWarning(
                    end,
                    block.line(),
                    "service",
                    "a check of " + service.word() + " without login and request never succeeds",
                    "add login = \"…\" and request = \"…\"");
        }
    }

    private String checkType() {
        return block.value(Directive.CHECKTYPE).orElse("negotiate");
    }

    /**
     * The check of one real server.
     *
     * @param configuredPort the port its line names, 0 when it names none
     * @param details the request and answer of its own, if any
     * @param line of the real server
     */
    Check compile(RealServer server, int configuredPort, RealLine.Details details, int line) {
        CheckTarget target = new CheckTarget(server.address(), checkPort(server, configuredPort));
        String type = checkType();
        if (siteCommand.isPresent() && (type.equals("negotiate") || Ports.isNumeric(type))) {
            return new Check(external(siteCommand.get(), server, configuredPort), target);
        }
        return switch (type) {
            case "on" -> new Check(new CheckSpec.On(), target);
            case "off" -> new Check(new CheckSpec.Off(), target);
            case "ping" -> new Check(ping(), new CheckTarget(server.address(), 0));
            case "connect" ->
                // COMPAT: there is no connecting by UDP, so a connect check of a UDP service is a ping
                isUdp()
                        ? new Check(ping(), new CheckTarget(server.address(), 0))
                        : new Check(new CheckSpec.Connect(checkTimeout), target);
            case "external" ->
                new Check(
                        external(block.value(Directive.CHECKCOMMAND).orElse("/bin/true"), server, configuredPort),
                        target);
            case "external-perl" ->
                new Check(
                        new CheckSpec.ExternalPerl(
                                block.value(Directive.CHECKCOMMAND).orElse("/bin/true"),
                                arguments(server, configuredPort),
                                checkTimeout),
                        target);
            case "negotiate" -> negotiate(target, details, line);
            default -> combined(negotiate(target, details, line), type);
        };
    }

    private Check combined(Check negotiated, String digits) {
        int connects = (int) Math.min(Integer.MAX_VALUE, ValueSyntax.number(digits));
        // a service without an exchange is up whenever it is negotiated with; what is left are the connections
        CheckSpec.Negotiate negotiate = negotiated.spec() instanceof CheckSpec.Negotiate exchange
                ? exchange
                : new CheckSpec.Negotiate(CheckSpec.Exchange.of(Service.NONE, ""), negotiateTimeout);
        return new Check(
                new CheckSpec.Combined(negotiate, new CheckSpec.Connect(checkTimeout), connects), negotiated.target());
    }

    private boolean isUdp() {
        return key instanceof ServiceKey.AddressKey address && address.protocol() == Protocol.UDP;
    }

    private boolean isTcp() {
        return key instanceof ServiceKey.AddressKey address && address.protocol() == Protocol.TCP;
    }

    /** checkport, else the port of the real server, else that of the service, else the one it has in the table. */
    private int checkPort(RealServer server, int configuredPort) {
        Optional<String> own = block.value(Directive.CHECKPORT);
        if (own.isPresent()) {
            return (int) ValueSyntax.number(own.get());
        }
        if (configuredPort > 0) {
            return configuredPort;
        }
        OptionalInt usual = service.defaultPort();
        return usual.orElse(server.port());
    }

    private CheckSpec.Ping ping() {
        int tries = globals.value(block, Directive.CHECKCOUNT)
                .map(digits -> Math.clamp(ValueSyntax.number(digits), 1, 1000))
                .orElse(1);
        return new CheckSpec.Ping(tries, checkTimeout);
    }

    private CheckSpec.External external(String command, RealServer server, int configuredPort) {
        return new CheckSpec.External(command, arguments(server, configuredPort), checkTimeout);
    }

    private List<String> arguments(RealServer server, int configuredPort) {
        String real = server.address().toString();
        String port = Integer.toString(configuredPort);
        return switch (key) {
            case ServiceKey.AddressKey(Protocol _, IpAddress address, int virtualPort) ->
                List.of(address.toString(), Integer.toString(virtualPort), real, port);
            case ServiceKey.FirewallMark(Family _, long mark) -> List.of(Long.toString(mark), "0", real, port);
        };
    }

    private Check negotiate(CheckTarget target, RealLine.Details details, int line) {
        if (service == Service.NONE || isUncheckedPop()) {
            return new Check(new CheckSpec.On(), target);
        }
        int receiveLine = details.receive().isPresent()
                ? line
                : block.last(Directive.RECEIVE).map(Statement::line).orElse(line);
        String receive = receive(
                details.receive().or(() -> block.value(Directive.RECEIVE)).orElse(""), receiveLine);
        Optional<Matcher> url = details.request()
                .map(URL::matcher)
                .filter(Matcher::matches)
                .filter(found -> found.group(1).equals(service.word()));
        String request =
                url.map(found -> found.group(4) == null ? "/" : found.group(4)).orElseGet(() -> request(details));
        CheckTarget asked = url.map(found -> urlTarget(found, target)).orElse(target);
        boolean datagram = service == Service.DNS ? !isTcp() : service == Service.RADIUS || isUdp();
        CheckSpec.Exchange exchange = new CheckSpec.Exchange(
                service,
                datagram,
                request,
                receive,
                block.value(Directive.HTTPMETHOD).orElse("GET"),
                virtualHost(url.isPresent(), target),
                login(),
                password(),
                block.value(Directive.SECRET).orElse(""),
                block.value(Directive.DATABASE).orElse(""),
                site.verified().includes(key));
        return new Check(new CheckSpec.Negotiate(exchange, negotiateTimeout), asked);
    }

    private boolean isUncheckedPop() {
        return (service == Service.POP || service == Service.POPS)
                && login().isEmpty()
                && site.kept().contains(OldBehaviour.POP_WITHOUT_LOGIN_IS_UP);
    }

    /** COMPAT: with a URL of its own the server is asked at another place, but for the host it would be asked for anyway. */
    private String virtualHost(boolean elsewhere, CheckTarget target) {
        return block.value(Directive.VIRTUALHOST)
                .filter(host -> !host.isBlank())
                .orElse(elsewhere ? target.address().toString() : "");
    }

    private CheckTarget urlTarget(Matcher url, CheckTarget target) {
        Optional<IpAddress> address = names.host(url.group(2), target.address().family());
        OptionalInt port = url.group(3) == null ? service.defaultPort() : Ports.number(url.group(3));
        return new CheckTarget(address.orElse(target.address()), port.orElse(target.port()));
    }

    /** Paths begin with a slash; everything else goes as written, and the check takes away one slash as ldirectord does. */
    private String request(RealLine.Details details) {
        String written =
                details.request().or(() -> block.value(Directive.REQUEST)).orElse("");
        boolean path = service == Service.HTTP || service == Service.HTTPS || service == Service.FTP;
        if (path) {
            return written.startsWith("/") ? written : "/" + written;
        }
        return written;
    }

    private String receive(String expression, int line) {
        boolean used = switch (service) {
            case HTTP, HTTPS, HTTP_PROXY, FTP, DNS, SIMPLETCP, LDAP, LDAPS -> true;
            case IMAP, IMAPS, MYSQL, NNTP, NONE, ORACLE, PGSQL, POP, POPS, RADIUS, SIP, SMTP, SUBMISSION -> false;
        };
        if (!used) {
            return "";
        }
        return receives.computeIfAbsent(expression, text -> switch (PerlRegex.translate(text)) {
            case PerlRegex.Translated(String java) -> java;
            case PerlRegex.Invalid(String why) -> {
                findings.ourError(
                        end,
                        line,
                        "receive",
                        "receive is not a regular expression: " + why,
                        "put a backslash before characters that stand for themselves; ldirectord would die in its first check");
                yield "";
            }
        });
    }

    private String login() {
        return block.value(Directive.LOGIN).orElseGet(() -> switch (service) {
            case FTP -> "anonymous";
            case SIP -> "ldirectord@" + names.localHostName();
            default -> "";
        });
    }

    private String password() {
        return block.value(Directive.PASSWD)
                .orElseGet(() -> service == Service.FTP ? "ldirectord@" + names.localHostName() : "");
    }
}
