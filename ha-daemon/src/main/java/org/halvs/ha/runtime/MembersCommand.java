package org.halvs.ha.runtime;

import java.io.IOException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.halvs.dialect.ConfigProblem;
import org.halvs.ha.arbitration.ArbitrationConfiguration;
import org.halvs.ha.cluster.ClusterNode;
import org.halvs.ha.cluster.ControlLoop;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.ha.config.ClusterFiles;
import org.halvs.ha.config.NodeChanges;
import org.halvs.ha.config.NodeChangesFile;
import org.halvs.ha.control.Answer;
import org.halvs.ha.event.DomainEvent;
import org.halvs.ha.membership.ClusterMessage;
import org.halvs.ha.membership.Membership;
import org.halvs.ha.membership.MembershipException;
import org.halvs.linux.IpAddress;

/**
 * {@code hb_addnode} and {@code hb_delnode}: other nodes for the running cluster, on all its nodes and for good. Each node keeps the changes and gives them to
 * whoever joins; of two that differ the later ones hold everywhere. What is decided is decided on the control thread.
 */
final class MembersCommand {
    private static final int REFUSED = 1;
    private static final int USAGE = 2;
    /** A change is with the other nodes within a message; a node that does not take it over in that time is named. */
    private static final long AGREE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final ControlLoop loop;
    private final EventSink events;
    private final Path etc;
    private final NodeChangesFile file;
    private final RunningFiles running;
    private final ClusterNode cluster;
    private final Membership membership;
    private final ReloadCommand.Target target;

    MembersCommand(
            ControlLoop loop,
            EventSink events,
            Path etc,
            NodeChangesFile file,
            RunningFiles running,
            ClusterNode cluster,
            Membership membership,
            ReloadCommand.Target target) {
        this.loop = loop;
        this.events = events;
        this.etc = etc;
        this.file = file;
        this.running = running;
        this.cluster = cluster;
        this.membership = membership;
        this.target = target;
    }

    /** {@code hb_addnode NODE…} or {@code hb_delnode NODE…}. */
    Answer run(List<String> words) {
        if (words.size() < 2) {
            return Answer.failed(USAGE, "halvs: say hb_addnode NODE... or hb_delnode NODE...\n");
        }
        boolean add = words.getFirst().equals("hb_addnode");
        List<String> nodes = words.stream()
                .skip(1)
                .map(word -> word.toLowerCase(Locale.ROOT))
                .distinct()
                .toList();
        Optional<String> refusal = loop.ask(() -> {
                    events.emit(new DomainEvent.OperatorRequest(String.join(" ", words)));
                    return change(add, nodes);
                })
                .join();
        return refusal.map(why -> Answer.failed(REFUSED, "halvs: nothing was changed: " + why + "\n"))
                .orElseGet(() -> Answer.ok(report(add, nodes)));
    }

    /** Answers why nothing was changed; empty when it was. */
    private Optional<String> change(boolean add, List<String> nodes) {
        Optional<String> objection = add ? objectionToAdding(nodes) : objectionToRemoving(nodes);
        if (objection.isPresent()) {
            return objection;
        }
        NodeChanges before = file.current();
        long now = System.currentTimeMillis();
        NodeChanges after = add ? before.add(nodes, now) : before.remove(nodes, now);
        Optional<String> failure = apply(after);
        if (failure.isEmpty()) {
            membership.broadcast(message(after));
        }
        return failure;
    }

    private Optional<String> objectionToAdding(List<String> nodes) {
        ClusterConfig config = running.cluster().config();
        for (String node : nodes) {
            if (!node.matches("[a-z0-9]([a-z0-9._-]*[a-z0-9])?")) {
                return Optional.of("\"" + node + "\" is no name of a node; it is what uname -n says there");
            }
            if (config.nodes().contains(node)) {
                return Optional.of(node + " is a node of this cluster already");
            }
        }
        String obstacle = new PathsToNodes(config.media(), MembersCommand::isOwn)
                .obstacle(config.nodes().size() - 1 + nodes.size(), nodes);
        return Optional.of(obstacle).filter(text -> !text.isEmpty());
    }

    private Optional<String> objectionToRemoving(List<String> nodes) {
        ClusterFiles files = running.cluster();
        for (String node : nodes) {
            if (!files.config().nodes().contains(node)) {
                return Optional.of(node + " is no node of this cluster; those are "
                        + String.join(" ", files.config().nodes()));
            }
            if (node.equals(membership.localNode())) {
                return Optional.of(node + " is this node: stop it here, and delete it on another one");
            }
            if (target.active().contains(node)) {
                return Optional.of(
                        "deletion failed: node " + node + " is not dead; stop it there first (heartbeat -k)");
            }
            Optional<String> preferring = files.groups().stream()
                    .filter(group -> group.preferredNode().equals(node))
                    .map(group -> group.key() + " of haresources prefers " + node
                            + "; change that line on all nodes, run halvs reload there, and try again")
                    .findFirst();
            if (preferring.isPresent()) {
                return preferring;
            }
        }
        return Optional.empty();
    }

    /** Keeps the changes and puts them into effect; answers why not, and then nothing was changed. */
    private Optional<String> apply(NodeChanges changes) {
        ClusterFiles before = running.cluster();
        ClusterFiles after = new ClusterFiles(changes.applyTo(before.config()), before.authkeys(), before.groups());
        Optional<String> misfit = new ArbitrationConfiguration(
                        after.config(), running.own().arbitration(), "")
                .problems(etc).stream()
                        .filter(ConfigProblem::isError)
                        .map(ConfigProblem::toString)
                        .findFirst();
        if (misfit.isPresent()) {
            return misfit;
        }
        NodeChanges kept = file.current();
        try {
            file.replace(changes);
        } catch (IOException e) {
            return Optional.of("it can't be kept over a restart: " + e);
        }
        if (after.config().nodes().equals(before.config().nodes())) {
            return Optional.empty();
        }
        try {
            target.apply(after, running.own(), java.util.Map.of());
        } catch (MembershipException e) {
            takeBack(kept);
            return Optional.of(String.valueOf(e.getMessage()));
        }
        running.replace(after, running.own());
        events.emit(new DomainEvent.Reloaded(
                ReloadDiff.of(before, after, running.own(), running.own()).changes()));
        return Optional.empty();
    }

    private void takeBack(NodeChanges kept) {
        try {
            file.replace(kept);
        } catch (IOException e) {
            events.emit(
                    new DomainEvent.Degraded("nodes", "a change that failed will take effect with a restart: " + e));
        }
    }

    private static boolean isOwn(IpAddress address) {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .map(IpAddress::of)
                    .anyMatch(address::equals);
        } catch (SocketException _) {
            return false;
        }
    }

    /** Waits until the others have it, and says what has come of it. */
    private String report(boolean add, List<String> nodes) {
        long deadline = System.nanoTime() + AGREE_NANOS;
        List<String> differing = loop.ask(this::differing).join();
        while (!differing.isEmpty() && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(LOOK_NANOS);
            differing = loop.ask(this::differing).join();
        }
        String names = String.join(" ", nodes);
        boolean one = nodes.size() == 1;
        StringBuilder text = new StringBuilder(names + (one ? " is" : " are") + (add ? "" : " no longer")
                + (one ? " a node" : " nodes") + " of this cluster: "
                + String.join(", ", loop.ask(target::active).join()) + " know\n");
        differing.forEach(node ->
                text.append("but the nodes of ").append(node).append(" are others: compare the node lines of ha.cf\n"));
        if (add) {
            text.append(
                    "dead until started: copy ha.cf, haresources and authkeys there, with a node line for every node\n");
            if (fencing()) {
                text.append(
                        "until its daemon was seen, whoever takes something over resets it first, as fencing is configured\n");
            }
        }
        text.append("this outlives restarts, though ha.cf was not changed: it is kept in ")
                .append(file.path())
                .append(" on each node\n");
        return text.toString();
    }

    private boolean fencing() {
        return loop.ask(() -> new ArbitrationConfiguration(
                                running.cluster().config(), running.own().arbitration(), membership.localNode())
                        .rules()
                        .fencing())
                .join();
    }

    private List<String> differing() {
        return cluster.ownership().differences().entrySet().stream()
                .filter(entry -> entry.getValue().contains("node lines of ha.cf")
                        && target.active().contains(entry.getKey()))
                .map(java.util.Map.Entry::getKey)
                .toList();
    }

    // --- between the nodes -------------------------------------------------------------------------------------------

    private static byte[] message(NodeChanges changes) {
        return new ClusterMessage(ClusterMessage.Kind.NODES, changes.text().getBytes(StandardCharsets.UTF_8)).encode();
    }

    /** Nodes that have just become members may have missed what was changed. */
    void joined(List<String> nodes) {
        NodeChanges changes = file.current();
        if (changes.version() > 0) {
            nodes.stream()
                    .filter(node -> !node.equals(membership.localNode()))
                    .forEach(node -> membership.send(node, message(changes)));
        }
    }

    /** Another node says what was changed. May be called from any thread. */
    void onMessage(String node, byte[] body) {
        Optional<NodeChanges> changes = NodeChanges.parse(new String(body, StandardCharsets.UTF_8));
        loop.enqueue(() -> changes.ifPresent(theirs -> heard(node, theirs)));
    }

    private void heard(String node, NodeChanges theirs) {
        if (theirs.version() <= file.current().version()) {
            return;
        }
        List<String> living = target.active().stream()
                .filter(member -> theirs.removed().contains(member))
                .toList();
        Optional<String> failure = living.isEmpty()
                ? apply(theirs)
                : Optional.of(String.join(" ", living) + " was deleted there and is active");
        failure.ifPresent(
                why -> events.emit(new DomainEvent.Degraded("nodes", "not changed as " + node + " says: " + why)));
    }
}
