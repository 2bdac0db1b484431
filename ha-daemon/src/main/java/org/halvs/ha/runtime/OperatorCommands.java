package org.halvs.ha.runtime;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.halvs.ha.control.Answer;
import org.halvs.ha.control.Request;
import org.halvs.ha.event.EventLog;
import org.halvs.ha.takeover.Scope;

/** What the daemon answers to commands. Each runs on the thread of its connection and asks the control thread for what it needs. */
final class OperatorCommands {
    private static final int USAGE = 2;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneId.systemDefault());

    private final ControlLoop loop;
    private final EventSink events;
    private final ClusterNode node;
    private final Supplier<NodeSnapshot> snapshot;
    private final IpvsadmCommand ipvsadm;
    private final SysctlCommand sysctl;
    private final ServerOrders orders;

    /**
     * @param snapshot asked on the control thread
     */
    OperatorCommands(
            ControlLoop loop,
            EventSink events,
            ClusterNode node,
            Supplier<NodeSnapshot> snapshot,
            IpvsadmCommand ipvsadm,
            SysctlCommand sysctl,
            ServerOrders orders) {
        this.loop = loop;
        this.events = events;
        this.node = node;
        this.snapshot = snapshot;
        this.ipvsadm = ipvsadm;
        this.sysctl = sysctl;
        this.orders = orders;
    }

    Answer answer(Request request) {
        return switch (request.command()) {
            case "status" -> status(request.arguments());
            case "events" -> events(request.arguments());
            case "standby" -> move(request.arguments(), true);
            case "takeover" -> move(request.arguments(), false);
            case "drain" -> orders.drain(request.arguments());
            case "weight" -> orders.weight(request.arguments());
            case "ipvsadm" -> ipvsadm.run(request.arguments(), request.input());
            case "sysctl" -> sysctl.run(request.arguments());
            default -> Answer.failed(USAGE, "halvs: this daemon does not know the command " + request.command() + "\n");
        };
    }

    private Answer status(List<String> arguments) {
        NodeSnapshot now = loop.ask(snapshot).join();
        return Answer.ok(arguments.contains("--json") ? StatusText.forPrograms(now) : StatusText.forPeople(now));
    }

    private Answer events(List<String> arguments) {
        int most = arguments.isEmpty() ? 200 : Integer.parseInt(arguments.getFirst());
        List<EventLog.Recorded> latest =
                loop.ask(() -> events.history().latest(most)).join();
        StringBuilder text = new StringBuilder();
        for (EventLog.Recorded recorded : latest) {
            text.append(arguments.contains("--json") ? json(recorded) : line(recorded));
        }
        return Answer.ok(text.toString());
    }

    private static String line(EventLog.Recorded recorded) {
        return "%s %-7s %s%n"
                .formatted(
                        TIME.format(recorded.time()),
                        recorded.event().severity(),
                        recorded.event().text());
    }

    private static String json(EventLog.Recorded recorded) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("time", recorded.time().toString());
        tree.put("severity", recorded.event().severity().name());
        tree.put("kind", recorded.event().getClass().getSimpleName());
        tree.put("text", recorded.event().text());
        return StatusText.json(tree);
    }

    private Answer move(List<String> arguments, boolean away) {
        Optional<Scope> scope = scope(arguments.isEmpty() ? "all" : arguments.getFirst());
        if (scope.isEmpty()) {
            return Answer.failed(
                    USAGE,
                    "halvs: wrong resources(" + arguments.getFirst() + "): say all, local, foreign or failback\n");
        }
        CompletableFuture<String> done = new CompletableFuture<>();
        loop.enqueue(() -> {
            if (away) {
                node.standby(scope.get(), done);
            } else {
                node.takeover(scope.get(), done);
            }
        });
        try {
            return Answer.ok(done.join());
        } catch (CompletionException e) {
            return Answer.failed(1, "halvs: " + (e.getCause() == null ? e : e.getCause()).getMessage() + "\n");
        }
    }

    private static Optional<Scope> scope(String word) {
        return switch (word) {
            case "all" -> Optional.of(Scope.ALL);
            case "local" -> Optional.of(Scope.LOCAL);
            case "foreign", "failback" -> Optional.of(Scope.FOREIGN);
            default -> Optional.empty();
        };
    }
}
