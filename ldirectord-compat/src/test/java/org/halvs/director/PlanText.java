package org.halvs.director;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.halvs.check.CheckSpec;
import org.halvs.check.CheckTarget;
import org.halvs.check.Service;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.Persistence;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;
import org.halvs.linux.IpAddress;

/** Reads the short form in which scenarios write plans and tables, and prints tables as {@code ipvsadm -L -n} does, without counters. */
public final class PlanText {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private PlanText() {}

    /** Reads {@code virtual} and {@code real} lines; {@code readdquiescent=yes} and {@code compatibility=SWITCH} on lines of their own. */
    public static ServicePlan plan(List<String> lines) {
        boolean readd = lines.stream().anyMatch(line -> line.strip().equals("readdquiescent=yes"));
        List<List<String>> blocks = new ArrayList<>();
        for (String line : lines) {
            if (line.strip().startsWith("virtual ")) {
                blocks.add(new ArrayList<>());
            }
            if (!blocks.isEmpty() && !line.isBlank()) {
                blocks.getLast().add(line.strip());
            }
        }
        return new ServicePlan(blocks.stream().map(PlanText::virtual).toList(), readd, kept(lines));
    }

    private static Set<OldBehaviour> kept(List<String> lines) {
        return lines.stream()
                .map(String::strip)
                .filter(line -> line.startsWith("compatibility="))
                .map(line -> OldBehaviour.of(line.substring("compatibility=".length()))
                        .orElseThrow())
                .collect(Collectors.toSet());
    }

    private static VirtualPlan virtual(List<String> lines) {
        String[] words = lines.getFirst().split(" +");
        Map<String, String> options = options(words, 2);
        ServiceKey key = key(words[1]);
        SchedulerKind scheduler =
                SchedulerKind.of(options.getOrDefault("scheduler", "wrr")).orElseThrow();
        Optional<Persistence> persistence = Optional.ofNullable(options.get("persistent"))
                .map(seconds -> new Persistence(Integer.parseInt(seconds), -1, Optional.empty()));
        List<RealPlan> reals = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            reals.add(real(line.split(" +"), key));
        }
        Recovery recovery = new Recovery(
                Integer.parseInt(options.getOrDefault("successcount", "1")),
                Duration.ofSeconds(Long.parseLong(options.getOrDefault("slowstart", "0"))),
                Integer.parseInt(options.getOrDefault("startpercent", "100")));
        return new VirtualPlan(
                new VirtualService(key, scheduler, List.of(), persistence, false),
                reals,
                Optional.ofNullable(options.get("fallback"))
                        .map(PlanText::target)
                        .map(target ->
                                RealServer.of(target.address(), target.port(), ForwardingMethod.DIRECT_ROUTE, 1)),
                Optional.ofNullable(options.get("fallbackcommand")),
                options.getOrDefault("quiescent", "no").equals("yes") ? Quiescence.ZERO_WEIGHT : Quiescence.REMOVE,
                Integer.parseInt(options.getOrDefault("failurecount", "1")),
                recovery,
                Duration.ofSeconds(Long.parseLong(options.getOrDefault("checkinterval", "10"))),
                options.getOrDefault("cleanstop", "yes").equals("yes"),
                "",
                1);
    }

    private static RealPlan real(String[] words, ServiceKey key) {
        CheckTarget configured = target(words[1]);
        ForwardingMethod method = method(words[2]);
        Map<String, String> options = options(words, 4);
        int port = method != ForwardingMethod.MASQUERADE && key instanceof ServiceKey.AddressKey address
                ? address.port()
                : configured.port();
        RealServer server = RealServer.of(configured.address(), port, method, Integer.parseInt(words[3]));
        return new RealPlan(server, check(options.getOrDefault("check", "connect")), configured, configured.port(), 1);
    }

    private static CheckSpec check(String name) {
        return switch (name) {
            case "on" -> new CheckSpec.On();
            case "off" -> new CheckSpec.Off();
            case "connect" -> new CheckSpec.Connect(SECOND);
            case "ldap" -> new CheckSpec.Negotiate(CheckSpec.Exchange.of(Service.LDAP, ""), SECOND);
            default -> new CheckSpec.Negotiate(CheckSpec.Exchange.of(Service.HTTP, name), SECOND);
        };
    }

    /** Reads {@code 192.0.2.10:80}, {@code udp:192.0.2.10:53} or {@code fwm:3}. */
    public static ServiceKey key(String text) {
        if (text.startsWith("fwm:")) {
            return new ServiceKey.FirewallMark(IpAddress.Family.IPV4, Long.parseLong(text.substring(4)));
        }
        boolean udp = text.startsWith("udp:");
        CheckTarget target = target(udp ? text.substring(4) : text);
        return new ServiceKey.AddressKey(udp ? Protocol.UDP : Protocol.TCP, target.address(), target.port());
    }

    /** Reads {@code 127.0.0.2:80} or {@code [2001:db8::1]:80}. */
    public static CheckTarget target(String text) {
        int colon = text.lastIndexOf(':');
        String address = text.substring(0, colon).replace("[", "").replace("]", "");
        return new CheckTarget(IpAddress.of(address), Integer.parseInt(text.substring(colon + 1)));
    }

    private static ForwardingMethod method(String word) {
        return switch (word) {
            case "gate", "Route" -> ForwardingMethod.DIRECT_ROUTE;
            case "masq", "Masq" -> ForwardingMethod.MASQUERADE;
            case "ipip", "Tunnel" -> ForwardingMethod.TUNNEL;
            default -> throw new IllegalArgumentException(word);
        };
    }

    private static Map<String, String> options(String[] words, int from) {
        Map<String, String> options = new HashMap<>();
        for (int i = from; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            options.put(words[i].substring(0, equals), words[i].substring(equals + 1));
        }
        return options;
    }

    /** Reads what {@link #listing} prints. */
    public static ForwardingTable table(List<String> lines) {
        List<ForwardingTable.Entry> entries = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.strip().split(" +");
            if (words[0].equals("->")) {
                ForwardingTable.Entry last = entries.removeLast();
                List<RealServer> servers = new ArrayList<>(last.servers());
                CheckTarget target = target(words[1]);
                servers.add(
                        RealServer.of(target.address(), target.port(), method(words[2]), Integer.parseInt(words[3])));
                entries.add(new ForwardingTable.Entry(last.service(), servers));
            } else {
                String name = words[0].equals("TCP")
                        ? words[1]
                        : words[0].toLowerCase(java.util.Locale.ROOT) + ":" + words[1];
                SchedulerKind scheduler = SchedulerKind.of(words[2]).orElseThrow();
                entries.add(new ForwardingTable.Entry(VirtualService.of(key(name), scheduler), List.of()));
            }
        }
        return new ForwardingTable(0, entries);
    }

    /** The table in the kernel's order, newest server first. */
    public static List<String> listing(ForwardingTable table) {
        List<String> lines = new ArrayList<>();
        for (ForwardingTable.Entry entry : table.entries()) {
            VirtualService service = entry.service();
            lines.add(service.key() + " " + service.scheduler().word()
                    + service.persistence()
                            .map(value -> " persistent " + value.timeoutSeconds())
                            .orElse(""));
            for (RealServer server : entry.servers()) {
                lines.add("  -> " + ServerName.of(server).listed() + " "
                        + server.method().listed() + " " + server.weight());
            }
        }
        return lines;
    }
}
