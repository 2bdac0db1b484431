package org.halvs.ha.runtime;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.halvs.check.protocol.HealthCheckers;
import org.halvs.check.runner.CheckRunner;
import org.halvs.ha.arbitration.ArbitrationConfiguration;
import org.halvs.ha.cluster.ClusterNode;
import org.halvs.ha.cluster.ControlLoop;
import org.halvs.ha.cluster.Successions;
import org.halvs.ha.config.ClusterFiles;
import org.halvs.ha.config.DirectorFile;
import org.halvs.ha.config.HalvsYml;
import org.halvs.ha.config.LinuxHostFacts;
import org.halvs.ha.config.LogSettings;
import org.halvs.ha.config.NodeChangesFile;
import org.halvs.ha.config.StopRetries;
import org.halvs.ha.control.ControlServer;
import org.halvs.ha.event.DomainEvent;
import org.halvs.ha.event.EventFiles;
import org.halvs.ha.event.Version;
import org.halvs.ha.heartbeat.HeartbeatLines;
import org.halvs.ha.membership.ClusterMessage;
import org.halvs.ha.membership.Incarnation;
import org.halvs.ha.membership.Membership;
import org.halvs.ha.membership.Wakefulness;
import org.halvs.ha.membership.jgroups.JGroupsMembership;
import org.halvs.ha.membership.path.Urgency;
import org.halvs.ha.takeover.TakeoverRules;
import org.halvs.ldirectord.daemon.Signals;
import org.halvs.linux.IcmpEcho;
import org.halvs.resource.ResourceAgent;
import org.halvs.resource.ResourceSpec;
import org.halvs.resource.address.AddressWatch;
import org.halvs.resource.script.ScriptEnvironment;

/** A node that runs: everything it is made of, put together, started in order and stopped in reverse. */
public final class Node {
    /** Releasing takes as long as its scripts take; the service unit allows this and a little more. */
    private static final long LEAVE_LIMIT_SECONDS = 60;

    private static final long HISTORY_FILE_BYTES = 1 << 20;
    private static final int OLDER_HISTORY_FILES = 4;
    private static final int BROKEN = 70; // EX_SOFTWARE of sysexits.h
    private static final Logger LOG = System.getLogger("halvs");

    private final String name;
    private final StartStopHook hook;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final ControlLoop loop;
    private final RunningFiles running;
    private final EventSink events;
    private final ClusterNode cluster;
    private volatile int exit;

    private Node(
            ClusterFiles files,
            HalvsYml own,
            NodeChangesFile changes,
            NodeDirectories places,
            String name,
            StartStopHook hook) {
        this.name = name;
        this.hook = hook;
        Path etc = places.etc();
        Path run = places.run();
        running = new RunningFiles(files, own);
        loop = part(ControlLoop.start(this::broken));
        loop.enqueue(Urgency.of(files.config())::raiseBelow);
        EventFiles history = new EventFiles(places.state(), HISTORY_FILE_BYTES, OLDER_HISTORY_FILES);
        events = new EventSink(name, history.read(), (event, _) -> log(event));
        events.onAny(part(new EventWriter(history))::write);
        ScriptEnvironment environment = environment(etc, name, files.config().log());
        Successions successions = new Successions(loop, events::emit);
        Agents agents = part(Agents.open(run, environment, own.resources(), successions.formerOwners(own.resources())));
        agents.releaseLeftovers();
        part(Guardian.start(run, agents::holdNothing));
        Checks checks = new Checks(loop);
        NodePlane plane = part(NodePlane.open(own, checks::applied));
        successions.forwardWith(plane.adopted());
        CheckRunner runner =
                part(new CheckRunner(new HealthCheckers(part(IcmpEcho.open()), own.clients())::of, checks));
        Directors directors = part(new Directors(
                loop, events, plane, runner, LdirectordParts.surroundings(name), part(new LdirectordParts())::log));
        checks.reportTo(directors);
        DirectorFiles directorFiles = new DirectorFiles(loop, directors, etc, own, files.groups());
        long incarnation = Incarnation.next(places.state().resolve("generation"), System.currentTimeMillis());
        Wakefulness wakefulness = new Wakefulness();
        Membership membership =
                part(new JGroupsMembership(files.config(), files.authkeys(), name, incarnation, wakefulness));
        NodeSync sync = part(NodeSync.open(own, plane.forwarding(), membership, incarnation));
        ResourceReports reports = new ResourceReports(loop, events);
        Function<ResourceSpec, ResourceAgent> agentOf = spec -> DirectorFile.isDirector(spec)
                ? new DirectorAgent(loop, directors, directorFiles.configuration(spec), sync::awaitCopies)
                : agents.agent(spec);
        GroupRunner groups = new GroupRunner(files.groups(), new AgentCalls(agentOf, agents.together(), reports));
        groups.urgency(Urgency.of(files.config())::raiseBelow);
        groups.stopRetries(StopRetries.of(files.config(), etc));
        ArbitrationConfiguration arbitration = new ArbitrationConfiguration(files.config(), own.arbitration(), name);
        TakeoverRules rules = TakeoverRules.of(files.config(), files.groups(), arbitration.rules());
        ArbitrationParts arbiter =
                part(ArbitrationParts.open(loop, files, arbitration, name, incarnation, run, wakefulness));
        cluster = new ClusterNode(loop, events::emit, membership, groups, rules, incarnation, arbiter.means());
        arbiter.start(cluster.arbiter());
        cluster.follow(successions);
        sync.follow(cluster);
        reports.tellOfLost(cluster::lost);
        part(new ResourceChecks(groups, reports, own.resources().monitor()));
        AddressWatch watch = part(agents.watch(
                files.groups(),
                (group, device, up) -> loop.enqueue(() -> cluster.arbiter().link(group, device, up)),
                (address, text) -> reports.degraded(address.toString(), text)));
        part(agents.watchForOthers((address, device, mac) -> reports.degraded(
                address.toString(),
                mac + " on " + device + " says that it has this address too; announced against it")));
        EventExchange exchange = new EventExchange(loop, events, membership);
        cluster.onMessage(ClusterMessage.Kind.EVENTS, exchange::onMessage);
        OrderBook orders = new OrderBook(
                loop,
                events,
                membership,
                () -> cluster.ownership().view().members(),
                order -> directors.order(order.server(), order.order()));
        SiteHooks hooks = part(new SiteHooks(etc, run, name, running, reports::degraded));
        events.onOwn((event, _) -> hooks.on(event));
        StatusReader status = new StatusReader(
                name,
                running,
                plane.forwarding(),
                cluster,
                directors,
                membership,
                sync::status,
                arbiter::pings,
                orders::standing);
        SysctlCommand sysctl = new SysctlCommand(loop, events, own.settings(), plane.settings());
        NodeReload target = new NodeReload(
                name,
                etc,
                running,
                cluster,
                groups,
                membership,
                directors,
                directorFiles,
                arbiter,
                plane,
                watch::groups,
                sysctl::replace);
        ReloadCommand reload = new ReloadCommand(loop, events, etc, new LinuxHostFacts(), changes, running, target);
        MembersCommand members = new MembersCommand(loop, events, etc, changes, running, cluster, membership, target);
        cluster.onMessage(ClusterMessage.Kind.NODES, members::onMessage);
        cluster.onMessage(ClusterMessage.Kind.ORDERS, orders::onMessage);
        cluster.onJoined(nodes -> {
            exchange.joined(nodes);
            members.joined(nodes);
            orders.joined(nodes);
        });
        OperatorCommands commands = new OperatorCommands(
                loop,
                status::read,
                status::facts,
                new EventsCommand(loop, events),
                new MoveCommand(loop, cluster),
                reload,
                new ResourceCommand(loop, cluster, agentOf),
                new IpvsadmCommand(
                        plane.forwarding(),
                        change -> loop.ask(() -> directors.editByHand(change)).join(),
                        () -> sync.daemons(running.cluster().config(), plane.forwarding())),
                sysctl,
                new ServerOrders(loop, events, directors, orders, plane),
                members);
        loop.enqueue(() -> events.emit(new DomainEvent.NodeStarted(
                name, Version.text(), plane.forwarding().description())));
        directorFiles.onRead(cluster.arbiter()::fileRead);
        part(directorFiles.readAndWatch());
        part(new ControlServer(run, commands));
        part(new AuthkeysWatch(etc.resolve("authkeys"), reload::authkeysChanged));
        Rehearsal.start(files.authkeys(), files.groups(), run, environment, own.resources());
        Signals.handle(List.of("HUP"), _ -> Thread.ofVirtual().name("reload").start(reload::reload));
        membership.start(cluster.membershipListener());
    }

    private static ScriptEnvironment environment(Path etc, String name, LogSettings log) {
        return new ScriptEnvironment(
                etc,
                name,
                log.facility().orElse(""),
                log.logfile().orElse(""),
                log.debugfile().orElse(""));
    }

    /** Starts a node. It ends with a signal, or when its control state is broken; either way it releases what it owns first. */
    public static Node start(
            ClusterFiles files, HalvsYml own, NodeChangesFile changes, NodeDirectories places, String name) {
        StartStopHook hook = new StartStopHook(
                places.run(),
                environment(places.etc(), name, files.config().log()),
                own.resources().limits().start());
        hook.call("pre-start");
        Node node = new Node(files, own, changes, places, name, hook);
        Thread.ofVirtual().name("post-start").start(() -> hook.call("post-start", "0"));
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(node::leave));
        return node;
    }

    private <T extends AutoCloseable> T part(T part) {
        parts.push(part);
        return part;
    }

    /** Waits until the node has ended; answers the exit status. */
    public int awaitEnd() {
        while (true) {
            try {
                ended.await();
                return exit;
            } catch (InterruptedException _) {
                // A node ends by a signal or by itself, not by an interrupt.
            }
        }
    }

    /** Control state can't be trusted any more. */
    private void broken() {
        if (exit == 0) {
            exit = BROKEN;
            Thread.ofPlatform().name("emergency-stop").start(this::leave);
        }
    }

    /** Releases everything, leaves the cluster, ends. What takes too long is left to the stop-post step of the service unit. */
    private void leave() {
        hook.call("pre-stop");
        CountDownLatch left = new CountDownLatch(1);
        loop.enqueue(() -> cluster.leave(left::countDown));
        try {
            if (!left.await(LEAVE_LIMIT_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(Level.ERROR, "resources were not released within {0} s", LEAVE_LIMIT_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
        hook.call("post-stop", Integer.toString(exit));
        log(new DomainEvent.NodeStopped(name, exit == 0 ? "it was told to" : "its control state was broken"));
        DaemonLog.stop();
        ended.countDown();
    }

    /** In our words, and in heartbeat's for whoever looks for those. */
    private void log(DomainEvent event) {
        DaemonLog.log(event);
        ClusterFiles files = running.cluster();
        boolean fencing = files.config().directive("stonith").isPresent()
                || files.config().directive("stonith_host").isPresent();
        HeartbeatLines lines = new HeartbeatLines(
                name,
                fencing,
                key -> files.groups().stream()
                        .filter(group -> group.key().equals(key))
                        .findFirst());
        lines.of(event).forEach(DaemonLog::log);
    }

    private void close() {
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.log(Level.WARNING, "stopping " + part.getClass().getSimpleName() + ": " + e);
            }
        }
    }
}
