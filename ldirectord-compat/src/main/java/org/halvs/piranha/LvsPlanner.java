package org.halvs.piranha;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halvs.check.CheckSpec;
import org.halvs.check.CheckTarget;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.Parsed;
import org.halvs.director.Quiescence;
import org.halvs.director.RealPlan;
import org.halvs.director.Recovery;
import org.halvs.director.ServicePlan;
import org.halvs.director.VirtualPlan;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Persistence;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.TunnelOptions;
import org.halvs.ipvs.VirtualService;
import org.halvs.linux.IpAddress;
import org.halvs.piranha.LvsConfig.Probe;
import org.halvs.piranha.LvsConfig.Server;
import org.halvs.piranha.LvsConfig.Virtual;

/** What lvsd and its nannies would do with an lvs.cf, as a {@link ServicePlan}. Pure. */
public final class LvsPlanner {
    private static final int HTTP_PORT = 80;
    /** The nanny admits a server with this part of its weight and doubles it in steps. */
    private static final int FIRST_PART = 32;

    private static final Duration DOUBLING_STEP = Duration.ofSeconds(20);

    private final String file;
    private final LvsConfig config;
    private final List<ConfigProblem> problems = new ArrayList<>();

    private LvsPlanner(String file, LvsConfig config) {
        this.file = file;
        this.config = config;
    }

    /**
     * The plan of the active virtual services and servers.
     *
     * @param file the name of the file, for the warnings
     */
    public static Parsed<ServicePlan> plan(String file, LvsConfig config) {
        LvsPlanner planner = new LvsPlanner(file, config);
        ServicePlan plan = planner.plan();
        return Parsed.of(plan, planner.problems);
    }

    private ServicePlan plan() {
        Map<ServiceKey, VirtualPlan> plans = new LinkedHashMap<>();
        for (Virtual virtual : config.virtuals()) {
            if (!virtual.active()) {
                continue;
            }
            Optional<VirtualPlan> plan = plan(virtual);
            if (plan.isPresent()) {
                plans.merge(plan.get().service().key(), plan.get(), this::join);
            }
        }
        if (plans.isEmpty() && !config.pulse().failoverServices()) {
            problems.add(ConfigProblem.warning(
                    file,
                    0,
                    "virtual",
                    "no active lvs services defined in " + file,
                    "set active = 1 in a virtual block"));
        }
        return new ServicePlan(List.copyOf(plans.values()), false);
    }

    /** COMPAT: ipvsadm adds a service once; the servers of a second block with the same mark or address join the first. */
    private VirtualPlan join(VirtualPlan first, VirtualPlan second) {
        problems.add(ConfigProblem.warning(
                file,
                second.line(),
                "virtual",
                second.name() + " is the same service as " + first.name() + " in line " + first.line()
                        + "; its servers join that one, its other settings are passed over",
                "make one block of the two"));
        List<RealPlan> reals = new ArrayList<>(first.reals());
        for (RealPlan real : second.reals()) {
            if (reals.stream().noneMatch(known -> known.server().sameDestination(real.server()))) {
                reals.add(real);
            }
        }
        return new VirtualPlan(
                first.service(),
                reals,
                first.fallback(),
                first.fallbackCommand(),
                first.quiescence(),
                first.failureCount(),
                first.recovery(),
                first.checkInterval(),
                first.cleanStop(),
                first.name(),
                first.line());
    }

    private Optional<VirtualPlan> plan(Virtual virtual) {
        if (virtual.mark() == 0 && virtual.address().address().isAny()) {
            warn(
                    virtual.line(),
                    "virtual",
                    virtual.name() + " has neither address nor fwmark; not served",
                    "add address = …");
            return Optional.empty();
        }
        if (virtual.port() == 0 && virtual.mark() == 0 && virtual.persistentSeconds() == 0) {
            warn(
                    virtual.line(),
                    "port",
                    "port 0 stands for all ports and needs persistence; not served",
                    "add persistent = …");
            return Optional.empty();
        }
        if (virtual.persistentSeconds() > Persistence.MAX_TIMEOUT_SECONDS) {
            warn(virtual.line(), "persistent", "longer than the kernel accepts; not served", "use 2678400 at most");
            return Optional.empty();
        }
        ServiceKey key = virtual.mark() > 0
                ? new ServiceKey.FirewallMark(IpAddress.Family.IPV4, virtual.mark())
                : new ServiceKey.AddressKey(
                        virtual.protocol(), virtual.address().address(), virtual.port());
        Optional<Persistence> persistence = virtual.persistentSeconds() == 0
                ? Optional.empty()
                : Optional.of(
                        new Persistence(virtual.persistentSeconds(), virtual.persistenceMask(), Optional.empty()));
        VirtualService service = new VirtualService(key, virtual.scheduler(), List.of(), persistence, false);
        return Optional.of(new VirtualPlan(
                service,
                reals(virtual),
                virtual.sorryServer().map(address -> server(virtual, address, virtual.port(), 1)),
                Optional.empty(),
                virtual.quiesce() ? Quiescence.ZERO_WEIGHT : Quiescence.REMOVE,
                1,
                recovery(virtual),
                virtual.timeout(),
                true,
                virtual.name(),
                virtual.line()));
    }

    private List<RealPlan> reals(Virtual virtual) {
        List<RealPlan> reals = new ArrayList<>();
        for (Server written : virtual.servers()) {
            if (!written.active()) {
                continue;
            }
            RealServer server = server(virtual, written.address(), written.port(), written.weight());
            if (reals.stream().anyMatch(known -> known.server().sameDestination(server))) {
                warn(
                        written.line(),
                        "server",
                        written.name() + " is in the service already; passed over",
                        "remove one");
                continue;
            }
            reals.add(new RealPlan(
                    server,
                    check(virtual, written),
                    new CheckTarget(written.address(), written.port()),
                    written.port(),
                    written.line()));
        }
        return reals;
    }

    /** Directly routed and tunnelled packets keep their port. */
    private RealServer server(Virtual virtual, IpAddress address, int port, int weight) {
        boolean keepsPort = config.method() != ForwardingMethod.MASQUERADE && virtual.mark() == 0;
        return new RealServer(
                address, keepsPort ? virtual.port() : port, config.method(), weight, 0, 0, TunnelOptions.IPIP);
    }

    private static CheckSpec check(Virtual virtual, Server server) {
        Probe probe = virtual.probe();
        boolean datagram = virtual.protocol() == Protocol.UDP;
        if (!probe.program().isBlank()) {
            return new CheckSpec.ProgramOutput(command(probe.program(), server), probe.expect(), virtual.timeout());
        }
        if (probe.send().isEmpty() && probe.expect().isEmpty() && !datagram) {
            return server.port() == HTTP_PORT
                    ? new CheckSpec.SendExpect(false, "GET / HTTP/1.0\r\n\r\n", "HTTP", false, virtual.timeout())
                    : new CheckSpec.Connect(virtual.timeout());
        }
        return new CheckSpec.SendExpect(
                datagram, probe.send(), probe.expect(), probe.regularExpression(), virtual.timeout());
    }

    /** COMPAT: words are separated by blanks, quotes mean nothing, and %h and %p must stand alone. */
    private static List<String> command(String program, Server server) {
        List<String> words = new ArrayList<>();
        for (String word : program.strip().split("\\s+")) {
            words.add(
                    switch (word) {
                        case "%h" -> server.address().toString();
                        case "%p" -> Integer.toString(server.port());
                        default -> word;
                    });
        }
        return words;
    }

    /** The nanny's way: reentry / timeout good checks in a row, then a small weight that doubles every 20 s. */
    private static Recovery recovery(Virtual virtual) {
        int heaviest = virtual.servers().stream().mapToInt(Server::weight).max().orElse(1);
        int first = Math.max(1, heaviest / FIRST_PART);
        int steps = 0;
        for (long weight = first; weight < heaviest; weight *= 2) {
            steps++;
        }
        long checks = virtual.reentry().toSeconds() / virtual.timeout().toSeconds();
        return new Recovery(
                Math.clamp(checks, 1, Integer.MAX_VALUE),
                DOUBLING_STEP.multipliedBy(steps),
                heaviest == 0 ? 100 : Math.max(1, (int) (100L * first / heaviest)));
    }

    private void warn(int line, String directive, String text, String remedy) {
        problems.add(ConfigProblem.warning(file, line, directive, text, remedy));
    }
}
