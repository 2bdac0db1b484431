package org.halvs.ha.takeover;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.membership.ViewId;

/**
 * A whole cluster in virtual time: nodes run {@link Ownership}, a seeded world delays, loses and repeats their messages, crashes them, cuts them off from
 * each other and heals the cuts. Same seed, same trace. After every event it checks that no node begins to take what a member of its own view has.
 */
final class SimCluster {
    static final long MILLIS = 1_000_000L;
    /** Silence to new view: what the failure detector takes. */
    private static final long DETECTION_NANOS = 500 * MILLIS;

    /** How bad the world is. */
    record World(double loss, double duplication, long maxDelayMillis, long maxActionMillis, double startFailure) {
        static final World CALM = new World(0, 0, 1, 5, 0);
        static final World ROUGH = new World(0.05, 0.05, 60, 400, 0.02);
    }

    private final TakeoverRules rules;
    private final Map<String, TakeoverRules> ownRules = new LinkedHashMap<>();
    private final World world;
    private final Random random;
    private final Map<String, Node> nodes = new TreeMap<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    /** Which side of the current cut a node is on. */
    private final Map<String, Integer> sides = new LinkedHashMap<>();

    private final List<String> trace = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private long nowNanos = 1_000 * MILLIS;
    private long order;
    private long views;
    private long incarnations;
    private boolean calm;

    SimCluster(TakeoverRules rules, World world, long seed) {
        this.rules = rules;
        this.world = world;
        this.random = new Random(seed);
        rules.nodes().forEach(n -> sides.put(n, 0));
    }

    private record Event(long atNanos, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return atNanos != other.atNanos ? Long.compare(atNanos, other.atNanos) : Long.compare(order, other.order);
        }
    }

    /** One life of a node. */
    private static final class Node {
        final String name;
        final Ownership ownership;
        boolean alive = true;
        /** What the node's resources are really doing. */
        final Map<String, Claim> resources = new TreeMap<>();

        Node(String name, Ownership ownership) {
            this.name = name;
            this.ownership = ownership;
        }
    }

    // --- what a test or a fault plan does ----------------------------------------------------------------------------

    void start(String name) {
        Ownership ownership = new Ownership(ownRules.getOrDefault(name, rules), name, ++incarnations, nowNanos);
        Node node = new Node(name, ownership);
        nodes.put(name, node);
        say(name + " starts");
        act(node, ownership.ready(true, nowNanos));
        membershipChanged(sides.getOrDefault(name, 0), false, 50 * MILLIS);
        tickLater(node);
    }

    /** What this node read in its files, when that is not what the others read. */
    void rulesOf(String name, TakeoverRules different) {
        ownRules.put(name, different);
    }

    void crash(String name) {
        Node node = nodes.remove(name);
        if (node != null) {
            node.alive = false;
            say(name + " crashes");
            membershipChanged(sides.getOrDefault(name, 0), false, 20 * MILLIS);
        }
    }

    /** Orderly stop: the node leaves when it holds nothing any more. */
    void leave(String name) {
        Node node = nodes.get(name);
        if (node != null) {
            say(name + " leaves");
            act(node, node.ownership.leave(nowNanos));
        }
    }

    void standby(String name, Scope scope) {
        Node node = nodes.get(name);
        if (node != null) {
            Ownership.Answer answer = node.ownership.standby(scope, nowNanos);
            say(name + " standby " + scope + ": " + answer.text());
            act(node, answer.steps());
        }
    }

    void takeover(String name, Scope scope) {
        Node node = nodes.get(name);
        if (node != null) {
            Ownership.Answer answer = node.ownership.takeover(scope, nowNanos);
            say(name + " takeover " + scope + ": " + answer.text());
            act(node, answer.steps());
        }
    }

    void clearFailures(String name) {
        Node node = nodes.get(name);
        if (node != null) {
            act(node, node.ownership.clearFailure(Scope.ALL, nowNanos).steps());
        }
    }

    void cut(List<String> away) {
        say("cut off: " + away);
        int side = sides.values().stream().mapToInt(s -> s).max().orElse(0) + 1;
        away.forEach(n -> sides.put(n, side));
        sides.values().stream().distinct().sorted().forEach(s -> membershipChanged(s, false, DETECTION_NANOS));
    }

    void heal() {
        say("healed");
        sides.replaceAll((_, _) -> 0);
        membershipChanged(0, true, DETECTION_NANOS);
    }

    /** From now on nothing is lost and nothing fails. */
    void calmDown() {
        calm = true;
    }

    boolean isUp(String name) {
        return nodes.containsKey(name);
    }

    // --- what comes of it --------------------------------------------------------------------------------------------

    void run(long millis) {
        long end = nowNanos + millis * MILLIS;
        while (true) {
            Event next = events.peek();
            if (next == null || next.atNanos() > end) {
                break;
            }
            events.remove();
            nowNanos = next.atNanos();
            next.action().run();
        }
        nowNanos = end;
    }

    /** Who really has a resource group, whatever anybody believes. */
    List<String> owners(String group) {
        return nodes.values().stream()
                .filter(n -> n.resources.getOrDefault(group, Claim.NONE) != Claim.NONE)
                .map(n -> n.name)
                .toList();
    }

    List<String> violations() {
        return violations;
    }

    List<String> trace() {
        return trace;
    }

    Ownership ownership(String name) {
        Node node = nodes.get(name);
        if (node == null) {
            throw new AssertionError(name + " is not up");
        }
        return node.ownership;
    }

    // --- the world ---------------------------------------------------------------------------------------------------

    /** Each live node of a side installs the same new view, each at its own time. */
    private void membershipChanged(int side, boolean merge, long withinNanos) {
        long at = withinNanos + jitter(withinNanos / 4 + 1);
        later(at, () -> {
            List<Node> members = nodes.values().stream()
                    .filter(n -> n.alive && sides.getOrDefault(n.name, 0) == side)
                    .toList();
            if (members.isEmpty()) {
                return;
            }
            List<String> names = members.stream().map(n -> n.name).toList();
            ClusterView view = new ClusterView(new ViewId(names.getFirst(), ++views), names, merge);
            for (Node member : members) {
                later(jitter(10 * MILLIS), () -> install(member, view));
            }
        });
    }

    private void install(Node node, ClusterView view) {
        if (node.alive && view.id().number() > node.ownership.view().id().number()) {
            say(node.name + " sees " + view);
            act(node, node.ownership.onView(view, nowNanos));
        }
    }

    private void tickLater(Node node) {
        later(300 * MILLIS, () -> {
            if (node.alive) {
                act(node, node.ownership.tick(nowNanos));
                tickLater(node);
            }
        });
    }

    private void act(Node node, List<TakeoverStep> steps) {
        for (TakeoverStep step : steps) {
            say(node.name + " " + step);
            switch (step) {
                case TakeoverStep.Acquire acquire -> begin(node, acquire);
                case TakeoverStep.Release release -> {
                    node.resources.put(release.group(), Claim.RELEASING);
                    later(actionNanos(), () -> end(node, release));
                }
                case TakeoverStep.Announce announce -> {
                    if (node.resources.get(announce.group()) != Claim.HELD) {
                        violations.add(node.name + " announces what it does not hold: " + announce);
                    }
                }
            }
        }
        node.ownership.statusToSend(nowNanos).ifPresent(status -> broadcast(node, NodeStatusCodec.encode(status)));
        if (node.ownership.mayLeave()) {
            node.alive = false;
            nodes.remove(node.name);
            say(node.name + " left");
            membershipChanged(sides.getOrDefault(node.name, 0), false, 5 * MILLIS);
        }
    }

    private void begin(Node node, TakeoverStep.Acquire step) {
        ClusterView view = node.ownership.view();
        for (Node other : nodes.values()) {
            boolean sameView = other.ownership.view().id().equals(view.id());
            if (other != node && sameView && other.resources.getOrDefault(step.group(), Claim.NONE) != Claim.NONE) {
                violations.add(nowNanos / MILLIS + ": " + node.name + " takes " + step.group() + " which " + other.name
                        + " has, both in view " + view);
            }
        }
        node.resources.put(step.group(), Claim.ACQUIRING);
        boolean fails = !calm && random.nextDouble() < world.startFailure();
        later(actionNanos(), () -> {
            if (!node.alive) {
                return;
            }
            say(node.name + (fails ? " could not start " : " started ") + step.group());
            node.resources.put(step.group(), fails ? Claim.NONE : Claim.HELD);
            act(
                    node,
                    fails
                            ? node.ownership.acquireFailed(step.group(), nowNanos)
                            : node.ownership.acquired(step.group(), nowNanos));
        });
    }

    private void end(Node node, TakeoverStep.Release step) {
        if (node.alive) {
            node.resources.put(step.group(), Claim.NONE);
            say(node.name + " stopped " + step.group());
            act(node, node.ownership.released(step.group(), nowNanos));
        }
    }

    private void broadcast(Node from, byte[] message) {
        for (String to : rules.nodes()) {
            if (to.equals(from.name) || (!calm && random.nextDouble() < world.loss())) {
                continue;
            }
            int copies = !calm && random.nextDouble() < world.duplication() ? 2 : 1;
            for (int i = 0; i < copies; i++) {
                later(1 + jitter(world.maxDelayMillis() * MILLIS), () -> deliver(from, to, message));
            }
        }
    }

    private void deliver(Node from, String to, byte[] message) {
        Node receiver = nodes.get(to);
        boolean connected = sides.getOrDefault(from.name, 0).equals(sides.getOrDefault(to, 0));
        if (receiver != null && connected) {
            NodeStatus status = NodeStatusCodec.decode(message).orElseThrow();
            act(receiver, receiver.ownership.onStatus(status, nowNanos));
        }
    }

    private long actionNanos() {
        return 1 + jitter(world.maxActionMillis() * MILLIS);
    }

    private long jitter(long boundNanos) {
        return boundNanos <= 0 ? 0 : (long) (random.nextDouble() * boundNanos);
    }

    private void later(long inNanos, Runnable action) {
        events.add(new Event(nowNanos + inNanos, order++, action));
    }

    private void say(String what) {
        trace.add(nowNanos / MILLIS + " " + what);
    }
}
