package org.halvs.ha.cluster;

import static org.halvs.ha.cluster.SimClock.MILLIS;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.halvs.ha.membership.Departure;
import org.halvs.ha.takeover.Claim;
import org.halvs.ha.takeover.GroupStatus;
import org.halvs.ha.takeover.Ownership;
import org.halvs.ha.takeover.Scope;
import org.halvs.ha.takeover.TakeoverRules;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;

/**
 * A whole cluster in virtual time: nodes run {@link ControlLoop} and {@link ClusterNode} as they are, with everything they ask for (groups, claim checks, fencing,
 * ping nodes, carrier); a seeded world delays, loses and repeats their messages, kills and freezes daemons, turns machines off, sets their clocks, lets scripts
 * fail, cuts paths in one direction or both and heals them. Same seed, same trace. After every event {@link SimInvariants} looks at what the machines really hold.
 */
final class SimCluster {
    static final long DEADTIME = 500 * MILLIS;
    static final long KEEPALIVE = 100 * MILLIS;

    /** How bad the world is. */
    record World(double loss, double duplication, long maxDelayMillis, long maxActionMillis, double startFailure) {
        static final World CALM = new World(0, 0, 1, 5, 0);
        static final World ROUGH = new World(0.05, 0.05, 60, 400, 0.02);
    }

    final TakeoverRules rules;
    final SimClock clock;
    final SimLinks links = new SimLinks();
    final Map<String, SimNode> nodes = new TreeMap<>();
    private final Map<String, TakeoverRules> ownRules = new LinkedHashMap<>();
    private final World world;
    private final boolean traced;
    /** The addresses each machine's kernel answers for; they outlive the daemon. */
    private final Map<String, Set<String>> kernels = new TreeMap<>();

    private final SimMembership membership;
    private final SimInvariants invariants;
    private final List<String> trace = new ArrayList<>();
    /** By machine: what its clock says more than it should, in milliseconds, and its last life. */
    private final Map<String, Long> clockErrors = new TreeMap<>();

    private final Map<String, Long> incarnations = new TreeMap<>();
    /** Resources that refuse to stop: machine and resource. */
    private final Set<String> stopless = new TreeSet<>();

    private boolean calm;

    SimCluster(TakeoverRules rules, World world, long seed) {
        this(rules, world, seed, true);
    }

    SimCluster(TakeoverRules rules, World world, long seed, boolean traced) {
        this.rules = rules;
        this.world = world;
        this.clock = new SimClock(seed);
        this.traced = traced;
        this.membership = new SimMembership(this);
        this.invariants = new SimInvariants(this);
        rules.nodes().forEach(node -> kernels.put(node, new TreeSet<>()));
    }

    // --- what a test or a fault plan does ----------------------------------------------------------------------------

    void start(String name) {
        if (nodes.containsKey(name)) {
            return;
        }
        kernel(name).clear(); // leftovers are removed at the start
        long wall = 1_000_000_000 + clock.nowMillis() + clockErrors.getOrDefault(name, 0L);
        long incarnation = Math.max(wall, incarnations.getOrDefault(name, 0L) + 1); // as Incarnation has it
        incarnations.put(name, incarnation);
        SimNode node = new SimNode(this, name, ownRules.getOrDefault(name, rules), incarnation);
        nodes.put(name, node);
        say(() -> name + " starts");
        membership.joined(node);
        clock.later(MILLIS, () -> carrierNoticed(node));
        lookAtPings(node);
    }

    /** Somebody sets the clock of a machine. */
    void setClock(String name, long byMillis) {
        say(() -> "the clock of " + name + " is set by " + byMillis + " ms");
        clockErrors.merge(name, byMillis, Long::sum);
    }

    /** What this node read in its files, when that is not what the others read. */
    void rulesOf(String name, TakeoverRules different) {
        ownRules.put(name, different);
    }

    /** The daemon is killed; its kernel goes on answering for what it held, at most until the daemon starts again. */
    void crash(String name) {
        SimNode node = nodes.remove(name);
        if (node != null) {
            node.end();
            say(() -> name + " is killed");
            membership.gone(node, Departure.PROCESS_ENDED);
            if (clock.chance(0.5)) { // the stop-post step of the service unit
                clock.later(500 * MILLIS, () -> {
                    if (!nodes.containsKey(name)) {
                        kernel(name).clear();
                    }
                });
            }
            invariants.fault();
        }
    }

    /** The machine loses its power. */
    void powerOff(String name) {
        SimNode node = nodes.remove(name);
        kernel(name).clear();
        if (node != null) {
            node.end();
            say(() -> name + " loses its power");
            membership.gone(node, Departure.SILENT);
            invariants.fault();
        }
    }

    /** The daemon does not run for a while. */
    void pause(String name, long millis) {
        SimNode node = nodes.get(name);
        if (node == null || node.paused) {
            return;
        }
        say(() -> name + " freezes for " + millis + " ms");
        node.freeze();
        membership.changed();
        invariants.fault();
        clock.later(millis * MILLIS, () -> {
            if (!node.alive) {
                return;
            }
            say(() -> name + " goes on");
            node.goOn();
            membership.resumed();
            invariants.fault();
            node.resumedNanos = millis * MILLIS >= SimNode.ASLEEP ? clock.nowNanos() : -1;
        });
    }

    /** Orderly stop: the node leaves when it holds nothing any more. */
    void leave(String name) {
        withNode(name, node -> {
            say(() -> name + " leaves");
            node.loop.enqueue(() -> node.cluster.leave(() -> left(node)));
        });
    }

    private void left(SimNode node) {
        say(() -> node.name + " left");
        node.end();
        nodes.remove(node.name);
        membership.gone(node, Departure.LEFT);
    }

    void standby(String name, Scope scope) {
        operate(name, "standby " + scope, (node, answer) -> node.standby(scope, answer));
    }

    void takeover(String name, Scope scope) {
        operate(name, "takeover " + scope, (node, answer) -> node.takeover(scope, answer));
    }

    /** The trace tells what the operator is told. */
    private void operate(String name, String what, BiConsumer<ClusterNode, CompletableFuture<String>> command) {
        withNode(name, node -> {
            say(() -> "an operator says " + what + " on " + name);
            CompletableFuture<String> answer = new CompletableFuture<>();
            var _ = answer.whenComplete((text, refused) ->
                    say(() -> "the operator is told: " + (refused == null ? text : refused.getMessage())));
            node.loop.enqueue(() -> command.accept(node.cluster, answer));
        });
    }

    private void withNode(String name, Consumer<SimNode> what) {
        SimNode node = nodes.get(name);
        if (node != null) {
            what.accept(node);
        }
    }

    /** A resource of a group dies on a machine, when it runs there. */
    void resourceDies(String name, ResourceSpec resource) {
        if (kernel(name).remove(resource.text())) {
            say(() -> resource + " dies on " + name);
        }
    }

    /** A resource refuses to stop on a machine from now on. */
    void refuseToStop(String name, ResourceSpec resource) {
        say(() -> resource + " refuses to stop on " + name);
        stopless.add(name + " " + resource);
        invariants.fault();
    }

    boolean refusesToStop(String name, ResourceSpec resource) {
        return stopless.contains(name + " " + resource);
    }

    /** Whatever refused to stop does not any more; an operator tells the nodes to try again. */
    void mendScripts() {
        stopless.clear();
        for (SimNode node : nodes.values()) {
            if (node.ownership().status().groups().stream().anyMatch(GroupStatus::stuck)) {
                standby(node.name, Scope.ALL);
            }
        }
    }

    /** Cuts nodes off from all others on every wire. */
    void cut(List<String> away) {
        cutHeartbeat(away);
        say(() -> "service network cut off: " + away);
        between(away, (in, out) -> {
            links.cutService(in, out);
            links.cutService(out, in);
        });
        linksChanged();
    }

    /** Cuts the heartbeat paths only. */
    void cutHeartbeat(List<String> away) {
        say(() -> "heartbeat paths cut off: " + away);
        between(away, (in, out) -> {
            for (int path = 0; path < SimLinks.PATHS; path++) {
                links.cutPath(path, in, out);
                links.cutPath(path, out, in);
            }
        });
        linksChanged();
    }

    private void between(List<String> away, BiConsumer<String, String> each) {
        for (String in : away) {
            rules.nodes().stream().filter(n -> !away.contains(n)).forEach(out -> each.accept(in, out));
        }
    }

    void heal() {
        say(() -> "healed");
        links.heal();
        linksChanged();
    }

    /** After any change of {@link #links}. */
    void linksChanged() {
        invariants.fault();
        membership.changed();
        nodes.values().forEach(node -> clock.later(5 * MILLIS, () -> node.whenAwake(() -> carrierNoticed(node))));
    }

    private void carrierNoticed(SimNode node) {
        boolean carrier = links.carrier(node.name);
        if (carrier == node.carrier) {
            return;
        }
        node.carrier = carrier;
        say(() -> node.name + (carrier ? " has a carrier" : " has no carrier"));
        for (ResourceGroup group : rules.groups()) {
            node.loop.enqueue(() -> node.cluster.arbiter().link(group.key(), "eth0", carrier));
        }
    }

    private void lookAtPings(SimNode node) {
        if (rules.arbitration().pingNodes() == 0 || !node.alive) {
            return;
        }
        int reached = links.ping(node.name) ? rules.arbitration().pingNodes() : 0;
        if (reached != node.pings) {
            node.pings = reached;
            say(() -> node.name + " reaches " + reached + " ping nodes");
            node.loop.enqueue(() ->
                    node.cluster.arbiter().pings(reached, rules.arbitration().pingNodes()));
        }
        clock.later(200 * MILLIS, () -> node.whenAwake(() -> lookAtPings(node)));
    }

    /** From now on nothing is lost and nothing fails. */
    void calmDown() {
        calm = true;
    }

    boolean isCalm() {
        return calm;
    }

    boolean isUp(String name) {
        return nodes.containsKey(name);
    }

    // --- what comes of it --------------------------------------------------------------------------------------------

    void run(long millis) {
        clock.run(millis, invariants::look);
    }

    /** Which daemons really have a resource group, whatever anybody believes. */
    List<String> owners(String group) {
        return nodes.values().stream()
                .filter(n -> n.groups.claim(group) != Claim.NONE)
                .map(n -> n.name)
                .toList();
    }

    List<String> violations() {
        return invariants.violations();
    }

    /** Whether a group nobody has could be somebody's: asked after a time without faults. */
    void mustBeOwned() {
        invariants.mustBeOwned();
    }

    List<String> trace() {
        return trace;
    }

    Ownership ownership(String name) {
        return Objects.requireNonNull(nodes.get(name), () -> name + " is not up")
                .ownership();
    }

    Set<String> kernel(String machine) {
        return Objects.requireNonNull(kernels.get(machine));
    }

    // --- what the nodes do -------------------------------------------------------------------------------------------

    List<String> nodeNames() {
        return rules.nodes();
    }

    /** How often anybody has begun to take a group. */
    int takings(String group) {
        return invariants.takings(group);
    }

    void takes(SimNode node, String group) {
        invariants.takes(node, group);
    }

    void announces(SimNode node, String group) {
        invariants.announces(node, group);
    }

    /** The control loop of a node threw. */
    void broken(SimNode node) {
        invariants.broken(node);
    }

    /** How long an agent takes for one action; those of a group together take no longer than the world has it. */
    long agentNanos() {
        return actionNanos() / 3;
    }

    boolean agentFails() {
        return !calm && clock.chance(world.startFailure());
    }

    /** A message to a node, over the heartbeat paths. */
    void carry(SimNode from, String to, byte[] message) {
        if (!calm && clock.chance(world.loss())) {
            return;
        }
        int copies = !calm && clock.chance(world.duplication()) ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            clock.later(1 + clock.jitter(world.maxDelayMillis() * MILLIS), () -> {
                SimNode receiver = nodes.get(to);
                if (receiver != null && links.heartbeat(from.name, to)) {
                    receiver.whenAwake(() -> receiver.listener.onMessage(from.name, message));
                }
            });
        }
    }

    private long actionNanos() {
        return 1 + clock.jitter(world.maxActionMillis() * MILLIS);
    }

    void say(Supplier<String> what) {
        if (traced) {
            trace.add(clock.nowMillis() + " " + what.get());
        }
    }
}
