package org.halvs.ha.runtime;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.halvs.ha.cluster.ControlLoop;
import org.halvs.ha.control.Answer;
import org.halvs.ha.control.Request;
import org.halvs.ha.control.RequestHandler;
import org.halvs.ha.heartbeat.ClStatus;
import org.halvs.ha.heartbeat.ClusterFacts;

/** What the daemon answers to commands. Each runs on the thread of its connection and asks the control thread for what it needs. */
final class OperatorCommands implements RequestHandler {
    private static final int USAGE = 2;

    private final ControlLoop loop;
    private final Supplier<NodeSnapshot> snapshot;
    private final Supplier<ClusterFacts> facts;
    private final EventsCommand events;
    private final MoveCommand moves;
    private final ReloadCommand reload;
    private final ResourceCommand resources;
    private final IpvsadmCommand ipvsadm;
    private final SysctlCommand sysctl;
    private final ServerOrders orders;
    private final MembersCommand members;

    /**
     * @param snapshot asked on the control thread
     * @param facts asked on the control thread
     */
    OperatorCommands(
            ControlLoop loop,
            Supplier<NodeSnapshot> snapshot,
            Supplier<ClusterFacts> facts,
            EventsCommand events,
            MoveCommand moves,
            ReloadCommand reload,
            ResourceCommand resources,
            IpvsadmCommand ipvsadm,
            SysctlCommand sysctl,
            ServerOrders orders,
            MembersCommand members) {
        this.loop = loop;
        this.snapshot = snapshot;
        this.facts = facts;
        this.events = events;
        this.moves = moves;
        this.reload = reload;
        this.resources = resources;
        this.ipvsadm = ipvsadm;
        this.sysctl = sysctl;
        this.orders = orders;
        this.members = members;
    }

    @Override
    public Answer answer(Request request, Progress progress) throws IOException {
        List<String> words = request.arguments();
        return switch (request.command()) {
            case "status" -> status(words);
            case "events" -> events.events(words, progress);
            case "standby" -> moves.move(words, true, progress);
            case "takeover" -> moves.move(words, false, progress);
            case "reload" -> reload.reload();
            case "plan" -> reload.plan();
            case "cl_status" -> clStatus(words);
            case "pid" -> pid();
            case "resource" -> resources.run(words);
            case "members" -> members.run(words);
            case "drain" -> orders.drain(words);
            case "weight" -> orders.weight(words);
            case "ipvsadm" -> ipvsadm.run(words, request.input(), progress);
            case "sysctl" -> sysctl.run(words);
            default -> Answer.failed(USAGE, "halvs: this daemon does not know the command " + request.command() + "\n");
        };
    }

    private Answer status(List<String> arguments) {
        NodeSnapshot now = loop.ask(snapshot).join();
        return Answer.ok(arguments.contains("--json") ? StatusText.forPrograms(now) : StatusText.forPeople(now));
    }

    private Answer clStatus(List<String> words) {
        ClStatus.Output output = ClStatus.run(words, Optional.of(loop.ask(facts).join()));
        return new Answer(output.out(), output.error(), output.exit());
    }

    /** The process and the node, for {@code heartbeat -s} and {@code heartbeat -k}. */
    private Answer pid() {
        String node = loop.ask(facts).join().local();
        return Answer.ok(ProcessHandle.current().pid() + " " + node);
    }
}
