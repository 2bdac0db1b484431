package org.halvs.ha.runtime;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.halvs.director.DirectorStatus;
import org.halvs.director.ServerName;
import org.halvs.ha.sync.SyncStatus;
import org.halvs.ipvs.sync.SyncCounters;

/** The status as a person reads it, and as a program does. Pure. */
final class StatusText {
    private static final DateTimeFormatter ORDERED = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    private StatusText() {}

    static String forPeople(NodeSnapshot now) {
        StringBuilder text = new StringBuilder();
        text.append("node ")
                .append(now.node())
                .append(", HALVS ")
                .append(now.version())
                .append('\n');
        text.append("plane: ").append(now.plane()).append("\n\nNODES\n");
        now.members().forEach(member -> member(text, now, member));
        if (!now.pings().isEmpty()) {
            text.append("\nPING NODES\n");
            now.pings()
                    .forEach(ping -> text.append("  %-20s %s%n"
                            .formatted(
                                    ping.name(),
                                    ping.up()
                                            .map(up -> up ? "answers" : "does not answer")
                                            .orElse("not known yet"))));
        }
        drift(text, now);
        text.append("\nRESOURCES\n");
        now.groups().forEach(group -> group(text, group));
        text.append("\nCONNECTIONS\n");
        now.connections().lines().forEach(line -> text.append("  ").append(line).append('\n'));
        now.configurations().forEach(configuration -> configuration(text, configuration));
        if (!now.orders().isEmpty()) {
            text.append("\nORDERS of operators, on all nodes until \"halvs weight SERVER default\"\n");
            now.orders()
                    .forEach(order -> text.append("  %-22s %s, ordered on %s at %s%n"
                            .formatted(order.server(), order.order(), order.node(), time(order))));
        }
        return text.toString();
    }

    private static void member(StringBuilder text, NodeSnapshot now, NodeSnapshot.Member member) {
        text.append("  %-20s %s%n".formatted(member.name(), member.state()));
        for (NodeSnapshot.Path path : now.paths()) {
            if (path.node().equals(member.name())) {
                String last = path.heard() ? "last heard " + time(path.silenceMillis()) + " ago" : "never heard";
                text.append("    %-18s %-4s %s%n".formatted(path.link(), path.up() ? "up" : "dead", last));
            }
        }
    }

    private static String time(NodeSnapshot.Order order) {
        return ORDERED.format(Instant.ofEpochMilli(order.atMillis()).atZone(ZoneId.systemDefault()));
    }

    private static String time(long millis) {
        return millis < 10_000 ? millis + " ms" : millis / 1000 + " s";
    }

    private static void drift(StringBuilder text, NodeSnapshot now) {
        List<NodeSnapshot.Member> differing = now.members().stream()
                .filter(member -> !member.differences().isEmpty())
                .toList();
        if (!differing.isEmpty()) {
            text.append("\nDRIFT\n");
            differing.forEach(member -> text.append("  the configuration of ")
                    .append(member.name())
                    .append(" differs from this node's: compare ")
                    .append(String.join(", ", member.differences()))
                    .append('\n'));
            text.append("  until they agree nothing goes home by itself\n");
        }
    }

    private static void group(StringBuilder text, NodeSnapshot.Group group) {
        text.append("  ").append(String.join(" ", group.resources()));
        text.append(" (prefers ").append(group.preferred()).append(")\n");
        text.append("    ").append(group.owner().isEmpty() ? "owned by nobody" : "owned by " + group.owner());
        text.append(": ").append(group.reason()).append('\n');
    }

    private static void configuration(StringBuilder text, NodeSnapshot.Configuration configuration) {
        text.append("\nSERVICES of ").append(configuration.file());
        text.append(
                configuration.forwarding()
                        ? ", forwarded by this node\n"
                        : ", checked here, not forwarded by this node\n");
        for (DirectorStatus service : configuration.services()) {
            text.append("  ").append(service.service());
            text.append(service.fallbackActive() ? "  FALLBACK ACTIVE\n" : "\n");
            for (DirectorStatus.Real real : service.reals()) {
                text.append("    -> %-22s %-8s weight %d of %d  %s%n"
                        .formatted(
                                real.server().listed(),
                                word(real.health()),
                                real.weight(),
                                real.fullWeight(),
                                real.reason()));
            }
        }
    }

    static String forPrograms(NodeSnapshot now) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("node", now.node());
        tree.put("version", now.version());
        tree.put("plane", now.plane());
        tree.put("members", now.members().stream().map(StatusText::tree).toList());
        tree.put("paths", now.paths().stream().map(StatusText::tree).toList());
        tree.put("pings", now.pings().stream().map(StatusText::tree).toList());
        tree.put("groups", now.groups().stream().map(StatusText::tree).toList());
        tree.put(
                "configurations",
                now.configurations().stream().map(StatusText::tree).toList());
        tree.put("orders", now.orders().stream().map(StatusText::tree).toList());
        tree.put("connections", tree(now.connections()));
        return json(tree);
    }

    /** Any tree of maps, lists, strings and numbers as one line of JSON. */
    static String json(Map<String, Object> tree) {
        try {
            return JSON.std.asString(tree) + "\n";
        } catch (IOException e) {
            throw new UncheckedIOException("a tree of maps and strings is always JSON", e);
        }
    }

    private static Map<String, Object> tree(NodeSnapshot.Member member) {
        return ordered("name", member.name(), "state", member.state(), "differences", member.differences());
    }

    private static Map<String, Object> tree(NodeSnapshot.Path path) {
        return ordered(
                "node",
                path.node(),
                "link",
                path.link(),
                "up",
                path.up(),
                "heard",
                path.heard(),
                "silenceMillis",
                path.silenceMillis());
    }

    private static Map<String, Object> tree(NodeSnapshot.Ping ping) {
        return ordered(
                "name",
                ping.name(),
                "type",
                "ping",
                "status",
                ping.up().map(up -> up ? "ping" : "dead").orElse("unknown"));
    }

    private static Map<String, Object> tree(NodeSnapshot.Order order) {
        return ordered(
                "server", order.server(), "order", order.order(), "node", order.node(), "atMillis", order.atMillis());
    }

    private static Map<String, Object> tree(NodeSnapshot.Group group) {
        return ordered(
                "key",
                group.key(),
                "preferred",
                group.preferred(),
                "resources",
                group.resources(),
                "owner",
                group.owner(),
                "here",
                group.here(),
                "reason",
                group.reason());
    }

    private static Map<String, Object> tree(NodeSnapshot.Configuration configuration) {
        List<Map<String, Object>> services =
                configuration.services().stream().map(StatusText::tree).toList();
        return ordered("file", configuration.file(), "forwarding", configuration.forwarding(), "services", services);
    }

    private static Map<String, Object> tree(SyncStatus connections) {
        List<Map<String, Object>> peers = connections.peers().stream()
                .map(peer -> ordered(
                        "node",
                        peer.node(),
                        "told",
                        peer.told(),
                        "hasCopy",
                        peer.hasCopy(),
                        "given",
                        peer.given(),
                        "heard",
                        peer.heard(),
                        "got",
                        peer.got(),
                        "copyMillis",
                        peer.copyMillis()))
                .toList();
        SyncCounters counters = connections.counters();
        return ordered(
                "sync",
                connections.on(),
                "peers",
                peers,
                "told",
                counters.told(),
                "dropped",
                counters.dropped(),
                "learnt",
                counters.learnt(),
                "renewed",
                counters.renewed(),
                "ignored",
                counters.ignored(),
                "refused",
                counters.refused());
    }

    private static Map<String, Object> tree(DirectorStatus service) {
        List<Map<String, Object>> reals = service.reals().stream()
                .map(real -> ordered(
                        "server",
                        real.server().listed(),
                        "health",
                        word(real.health()),
                        "listed",
                        real.listed(),
                        "weight",
                        real.weight(),
                        "fullWeight",
                        real.fullWeight(),
                        "reason",
                        real.reason()))
                .toList();
        return ordered(
                "service",
                ServerName.idOfService(service.service()),
                "name",
                service.name(),
                "fallbackActive",
                service.fallbackActive(),
                "reals",
                reals);
    }

    private static Map<String, Object> ordered(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }

    private static String word(DirectorStatus.Health health) {
        return health.name().toLowerCase(Locale.ROOT);
    }
}
