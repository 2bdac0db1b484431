package org.halvs.ldirectord;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.halvs.director.RealPlan;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.TunnelOptions;
import org.halvs.ldirectord.Findings.Moment;
import org.halvs.ldirectord.LdirectordConfig.Statement;
import org.halvs.linux.IpAddress;
import org.halvs.linux.IpAddress.Family;

/** One {@code real} line to the real servers it stands for. Confined to one reading. */
final class RealCompiler {
    /** More addresses than this in one range are a slip of the pen. */
    private static final long LONGEST_RANGE = 65_536;

    private final Statement statement;
    private final Family family;
    private final Optional<ServiceKey> key;
    private final NameService names;
    private final Findings findings;
    private final Moment end;

    RealCompiler(
            Statement statement,
            Family family,
            Optional<ServiceKey> key,
            NameService names,
            Findings findings,
            Moment end) {
        this.statement = statement;
        this.family = family;
        this.key = key;
        this.names = names;
        this.findings = findings;
        this.end = end;
    }

    /** Adds the servers to {@code reals}, in the place of earlier ones of the same address and port. */
    void compile(Optional<CheckCompiler> checks, List<RealPlan> reals) {
        Optional<RealLine> line = RealLine.read(statement.value());
        if (line.isEmpty()) {
            refuse("invalid address for real server (wrong format)", expected());
            return;
        }
        if (!line.get().ignored().isBlank()) {
            findings.ourWarning(
                    end,
                    statement.line(),
                    statement.directive().word(),
                    "read as " + line.get().host() + ", because a host name can't hold \""
                            + line.get().ignored() + "\"",
                    "write the address instead");
        }
        Optional<IpAddress> first = names.host(line.get().host(), family);
        if (first.isEmpty()) {
            unresolved(line.get().host(), "host");
            return;
        }
        OptionalInt port = port(line.get());
        if (port.isEmpty()) {
            return;
        }
        Optional<List<IpAddress>> addresses = addresses(line.get(), first.get());
        if (addresses.isEmpty()) {
            return;
        }
        Optional<ForwardingMethod> method = FallbackLine.method(line.get().method());
        if (method.isEmpty()) {
            refuse(FallbackLine.BAD_METHOD, expected());
            return;
        }
        RealLine.Details details = line.get().details();
        if (!details.leftOver().isBlank()) {
            refuse("Invalid real server line, around \"" + details.leftOver() + "\"", expected());
            return;
        }
        if (key.isEmpty() || checks.isEmpty() || badNumbers(details)) {
            return;
        }
        for (IpAddress address : addresses.get()) {
            add(realPlan(address, port.getAsInt(), method.get(), details, checks.get()), reals);
        }
    }

    private void unresolved(String host, String which) {
        String version = family == Family.IPV4 ? "IPv4" : "IPv6";
        refuse(
                "invalid address (" + host + ") for real server (could not resolve " + which + ")",
                "name a host that has an " + version + " address, or write the address");
    }

    private OptionalInt port(RealLine line) {
        if (line.port().isEmpty()) {
            return OptionalInt.of(0);
        }
        String text = line.port().get();
        OptionalInt port = Ports.isNumeric(text) ? Ports.number(text) : names.port(text, Optional.empty());
        if (port.isEmpty()) {
            refuse(
                    "invalid port (" + text + ") for real server (could not resolve port)",
                    "write a number from 0 to 65535 or a service of /etc/services");
        }
        return port;
    }

    private Optional<List<IpAddress>> addresses(RealLine line, IpAddress first) {
        if (line.endHost().isEmpty()) {
            return Optional.of(List.of(first));
        }
        if (family == Family.IPV6) {
            refuse("Address range for IPv6 is not supported yet", "write one line for each server");
            return Optional.empty();
        }
        Optional<IpAddress> last = names.host(line.endHost().get(), family);
        if (last.isEmpty()) {
            unresolved(line.endHost().get(), "end host");
            return Optional.empty();
        }
        long from = first.low();
        long to = last.get().low();
        if (from > to) {
            refuse(
                    "Invalid Range: " + first + "-" + last.get()
                            + ": First value must be greater than or equal to the second value",
                    "the second address must not be below the first");
            return Optional.empty();
        }
        if (to - from >= LONGEST_RANGE) {
            findings.ourError(
                    end,
                    statement.line(),
                    statement.directive().word(),
                    "a range of " + (to - from + 1) + " addresses",
                    "a range may have " + LONGEST_RANGE);
            return Optional.empty();
        }
        List<IpAddress> addresses = new ArrayList<>();
        for (long word = from; word <= to; word++) {
            addresses.add(IpAddress.ofIpv4((int) word));
        }
        return Optional.of(addresses);
    }

    /** COMPAT: ldirectord hands such numbers on, ipvsadm refuses the server each time, and everything else is served. */
    private boolean badNumbers(RealLine.Details details) {
        long weight = ValueSyntax.number(details.weight());
        long lower = ValueSyntax.number(details.lowerThreshold());
        long upper = ValueSyntax.number(details.upperThreshold());
        if (lower > upper) {
            return notServed(
                    "the lower threshold l:" + lower + " is above the upper one, u:" + upper,
                    "give both, l: before u:, and not l: above u:");
        }
        return (weight > Integer.MAX_VALUE || upper > Integer.MAX_VALUE) && notServed("a number above 2147483647", "");
    }

    private boolean notServed(String what, String remedy) {
        findings.ourWarning(
                end,
                statement.line(),
                statement.directive().word(),
                what + "; ipvsadm refuses the server, so it is not served",
                remedy);
        return true;
    }

    private RealPlan realPlan(
            IpAddress address, int port, ForwardingMethod method, RealLine.Details details, CheckCompiler checks) {
        RealServer server = new RealServer(
                address,
                tablePort(port, method),
                method,
                (int) ValueSyntax.number(details.weight()),
                (int) ValueSyntax.number(details.upperThreshold()),
                (int) ValueSyntax.number(details.lowerThreshold()),
                TunnelOptions.IPIP);
        CheckCompiler.Check check = checks.compile(server, port, details, statement.line());
        return new RealPlan(server, check.spec(), check.target(), port, statement.line());
    }

    /** Packets to gate and ipip servers keep their port, so ipvsadm puts the service's in; a firewall mark has none to put. */
    private int tablePort(int port, ForwardingMethod method) {
        boolean rewritten = method == ForwardingMethod.MASQUERADE;
        return !rewritten && key.isPresent() && key.get() instanceof ServiceKey.AddressKey address
                ? address.port()
                : port;
    }

    private void add(RealPlan real, List<RealPlan> reals) {
        for (int i = 0; i < reals.size(); i++) {
            if (reals.get(i).server().sameDestination(real.server())) {
                findings.ourWarning(
                        end,
                        statement.line(),
                        statement.directive().word(),
                        real.target() + " is the same table entry as line "
                                + reals.get(i).line() + "; this line counts",
                        "remove one of the two");
                reals.set(i, real);
                return;
            }
        }
        reals.add(real);
    }

    private String expected() {
        return statement.directive().word() + " takes " + statement.directive().expected();
    }

    private void refuse(String text, String remedy) {
        findings.error(end, statement.line(), statement.directive().word(), text, remedy);
    }
}
