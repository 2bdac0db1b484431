package org.halvs.ha.takeover;

import static org.halvs.ha.takeover.SimClock.MILLIS;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import org.halvs.ha.membership.Departure;
import org.halvs.resource.GroupSequence;
import org.halvs.resource.ResourceGroup;

/**
 * A whole cluster in virtual time: nodes run {@link Ownership} with everything it asks for (claim checks, fencing, ping nodes, carrier, resources), a seeded world
 * delays, loses and repeats their messages, kills and freezes daemons, turns machines off, cuts paths in one direction or both and heals them. Same seed, same
 * trace. After every event {@link SimInvariants} looks at what the machines really hold.
 */
final class SimCluster {
    static final long DEADTIME = 500 * MILLIS;
    static final long KEEPALIVE = 100 * MILLIS;
    private static final int MOST_FAILED_RESETS = 3;

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
    private long incarnations;
    private int failedResets;
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
        Ownership ownership = new Ownership(ownRules.getOrDefault(name, rules), name, ++incarnations, clock.nowNanos());
        SimNode node = new SimNode(name, ownership, clock.nowNanos());
        nodes.put(name, node);
        say(() -> name + " starts");
        membership.joined(node);
        clock.later(MILLIS, () -> carrierNoticed(node));
        lookAtPings(node);
    }

    /** What this node read in its files, when that is not what the others read. */
    void rulesOf(String name, TakeoverRules different) {
        ownRules.put(name, different);
    }

    /** The daemon is killed; its kernel goes on answering for what it held, at most until the daemon starts again. */
    void crash(String name) {
        SimNode node = nodes.remove(name);
        if (node != null) {
            node.alive = false;
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
            node.alive = false;
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
        node.paused = true;
        membership.changed();
        invariants.fault();
        clock.later(millis * MILLIS, () -> {
            if (!node.alive) {
                return;
            }
            say(() -> name + " goes on");
            node.paused = false;
            node.slept = millis * MILLIS > DEADTIME / 2;
            List<Runnable> waiting = List.copyOf(node.backlog);
            node.backlog.clear();
            waiting.forEach(Runnable::run); // in their order and before anything new, as the control loop takes them
            clock.later(clock.jitter(5 * MILLIS), () -> input(node, o -> o.tick(clock.nowNanos())));
            membership.resumed();
            invariants.fault();
            node.resumedNanos = node.slept ? clock.nowNanos() : -1;
        });
    }

    /** Orderly stop: the node leaves when it holds nothing any more. */
    void leave(String name) {
        withNode(name, node -> {
            say(() -> name + " leaves");
            input(node, o -> o.leave(clock.nowNanos()));
        });
    }

    void standby(String name, Scope scope) {
        operate(name, "standby " + scope, o -> o.standby(scope, clock.nowNanos()));
    }

    void takeover(String name, Scope scope) {
        operate(name, "takeover " + scope, o -> o.takeover(scope, clock.nowNanos()));
    }

    void clearFailures(String name) {
        operate(name, "clears failures", o -> o.clearFailure(Scope.ALL, clock.nowNanos()));
    }

    private void operate(String name, String what, Function<Ownership, Ownership.Answer> command) {
        withNode(
                name,
                node -> input(node, o -> {
                    Ownership.Answer answer = command.apply(o);
                    say(() -> name + " " + what + ": " + answer.text());
                    return answer.steps();
                }));
    }

    private void withNode(String name, java.util.function.Consumer<SimNode> what) {
        SimNode node = nodes.get(name);
        if (node != null) {
            what.accept(node);
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

    private void between(List<String> away, java.util.function.BiConsumer<String, String> each) {
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
        nodes.values().forEach(node -> clock.later(5 * MILLIS, () -> whenAwake(node, () -> carrierNoticed(node))));
    }

    private void carrierNoticed(SimNode node) {
        boolean carrier = links.carrier(node.name);
        for (ResourceGroup group : rules.groups()) {
            boolean known = node.ownership.status().group(group.key()).unfit().isEmpty();
            if (carrier != known) {
                say(() -> node.name + (carrier ? " has a carrier" : " has no carrier"));
                input(
                        node,
                        o -> carrier
                                ? o.fit(group.key(), clock.nowNanos())
                                : o.unfit(group.key(), "eth0 has no carrier", clock.nowNanos()));
            }
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
            input(node, o -> o.pings(reached, clock.nowNanos()));
        }
        clock.later(200 * MILLIS, () -> lookAtPings(node));
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
                .filter(n -> n.resource(group) != Claim.NONE)
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
        return Objects.requireNonNull(nodes.get(name), () -> name + " is not up").ownership;
    }

    Set<String> kernel(String machine) {
        return Objects.requireNonNull(kernels.get(machine));
    }

    // --- the nodes ---------------------------------------------------------------------------------------------------

    /** Something happens at a node. One that slept finds that out first. */
    void input(SimNode node, Function<Ownership, List<TakeoverStep>> what) {
        if (!node.alive) {
            return;
        }
        if (node.paused) {
            node.backlog.add(() -> input(node, what));
            return;
        }
        if (node.slept) {
            node.slept = false;
            say(() -> node.name + " notices that it was asleep");
            act(node, node.ownership.asleep(clock.nowNanos()));
        }
        act(node, what.apply(node.ownership));
    }

    private void act(SimNode node, List<TakeoverStep> steps) {
        for (TakeoverStep step : steps) {
            say(() -> node.name + " " + step);
            switch (step) {
                case TakeoverStep.Acquire acquire -> acquire(node, acquire);
                case TakeoverStep.Release release -> release(node, release);
                case TakeoverStep.Announce announce -> invariants.announces(node, announce);
                case TakeoverStep.CheckClaim check -> new SimClaimCheck(this, node, check).begin();
                case TakeoverStep.Fence fence -> fence(node, fence);
            }
        }
        node.ownership
                .statusToSend(clock.nowNanos())
                .ifPresent(status -> broadcast(node, NodeStatusCodec.encode(status)));
        wakeLater(node);
        if (node.ownership.mayLeave() && node.alive) {
            node.alive = false;
            nodes.remove(node.name);
            say(() -> node.name + " left");
            membership.gone(node, Departure.LEFT);
        }
    }

    private void wakeLater(SimNode node) {
        long due = node.ownership.nextWakeupNanos().orElseThrow();
        if (due != node.wakeupNanos) {
            node.wakeupNanos = due;
            clock.later(Math.max(1, due - clock.nowNanos()), () -> {
                if (node.wakeupNanos == due) {
                    input(node, o -> o.tick(clock.nowNanos()));
                }
            });
        }
    }

    private void acquire(SimNode node, TakeoverStep.Acquire step) {
        invariants.takes(node, step);
        node.resources.put(step.group(), Claim.ACQUIRING);
        ResourceGroup group = rules.group(step.group()).orElseThrow();
        SimAgents agents = new SimAgents(this, node, group);
        agents.run(GroupSequence.start(group, agents::isAddress, GroupSequence.STOP_RETRIES), outcome -> {
            boolean fails = outcome instanceof GroupSequence.Outcome.Failed;
            say(() -> node.name + (fails ? " could not start " : " started ") + step.group());
            node.resources.put(step.group(), fails ? Claim.NONE : Claim.HELD);
            input(
                    node,
                    o -> fails
                            ? o.acquireFailed(step.group(), clock.nowNanos())
                            : o.acquired(step.group(), clock.nowNanos()));
        });
    }

    private void release(SimNode node, TakeoverStep.Release step) {
        node.resources.put(step.group(), Claim.RELEASING);
        ResourceGroup group = rules.group(step.group()).orElseThrow();
        SimAgents agents = new SimAgents(this, node, group);
        agents.run(GroupSequence.stop(group, agents::isAddress, GroupSequence.STOP_RETRIES), _ -> {
            node.resources.put(step.group(), Claim.NONE);
            say(() -> node.name + " stopped " + step.group());
            input(node, o -> o.released(step.group(), clock.nowNanos()));
        });
    }

    /** How long an agent takes for one action; those of a group together take no longer than the world has it. */
    long agentNanos() {
        return actionNanos() / 3;
    }

    boolean agentFails() {
        return !calm && clock.chance(world.startFailure());
    }

    void whenAwake(SimNode node, Runnable work) {
        if (!node.alive) {
            return;
        }
        if (node.paused) {
            node.backlog.add(() -> whenAwake(node, work));
        } else {
            work.run();
        }
    }

    /** A device that does not answer for longer is broken, and then nobody can know anything. */
    private void fence(SimNode by, TakeoverStep.Fence step) {
        clock.later(200 * MILLIS + clock.jitter(800 * MILLIS), () -> {
            boolean works = calm || failedResets >= MOST_FAILED_RESETS || !clock.chance(0.2);
            failedResets = works ? 0 : failedResets + 1;
            say(() -> by.name + (works ? " has reset " : " could not reset ") + step.node());
            if (works && by.alive) {
                powerOff(step.node());
            }
            input(by, o -> o.fenced(step.node(), works, works ? "reset" : "no answer", clock.nowNanos()));
        });
    }

    private void broadcast(SimNode from, byte[] message) {
        for (String to : rules.nodes()) {
            if (to.equals(from.name) || (!calm && clock.chance(world.loss()))) {
                continue;
            }
            int copies = !calm && clock.chance(world.duplication()) ? 2 : 1;
            for (int i = 0; i < copies; i++) {
                clock.later(1 + clock.jitter(world.maxDelayMillis() * MILLIS), () -> deliver(from, to, message));
            }
        }
    }

    private void deliver(SimNode from, String to, byte[] message) {
        SimNode receiver = nodes.get(to);
        if (receiver != null && links.heartbeat(from.name, to)) {
            NodeStatus status = NodeStatusCodec.decode(message).orElseThrow();
            input(receiver, o -> o.onStatus(status, clock.nowNanos()));
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
