package org.halvs.ipvs.plane;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.halvs.ipvs.ConnectionPage;
import org.halvs.ipvs.ForwardingStats;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.Timeouts;
import org.halvs.ipvs.forward.IpvsProcessor;
import org.halvs.ipvs.forward.IpvsSettings;
import org.halvs.ipvs.forward.PacketProcessor;
import org.halvs.ipvs.mark.MarkRule;
import org.halvs.ipvs.port.AfPacketPorts;
import org.halvs.ipvs.port.ForwardingWorker;
import org.halvs.ipvs.port.PortFactory;
import org.halvs.ipvs.port.TunDelivery;
import org.halvs.ipvs.sync.SyncPort;
import org.halvs.linux.IpAddress;
import org.halvs.linux.LinuxException;
import org.halvs.linux.MacAddress;
import org.halvs.linux.NetworkChange;
import org.halvs.linux.NetworkMonitor;
import org.halvs.linux.NftStackGuard;
import org.halvs.linux.NftStackRedirect;
import org.halvs.linux.Rtnetlink;
import org.halvs.linux.StackGuard;
import org.halvs.linux.StackRedirect;

/**
 * The plane that forwards in this program, in the network namespace of the thread that starts it. Thread-safe.
 *
 * <p>Three threads: {@code fwd-worker} forwards, {@code fwd-network} follows interfaces, addresses, routes and neighbours, {@code fwd-monitor}
 * waits for the kernel to announce changes of them.
 */
public final class InProcessPlane implements ForwardingPlane {
    /** Entries of a page: packets wait for no longer than a millisecond. */
    private static final int PAGE = 1000;

    private static final System.Logger LOGGER = System.getLogger(InProcessPlane.class.getName());
    private static final Path SYSCTL = Path.of("/proc/sys/net");

    /** 120 bytes each, taken as they come. */
    private static final int MAX_CONNECTIONS = 1 << 20;

    /** What nobody announces is looked after so often: ports that could not be opened, real servers that do not answer. */
    private static final long ROUTINE_MILLIS = 2000;

    /** Changes come in bursts, and a table is read as a whole: so long a burst is collected. */
    private static final long SETTLE_MILLIS = 2;

    private final PortFactory factory;
    private final Rtnetlink rtnetlink;
    private final NetworkMonitor monitor;
    private final ForwardingWorker worker;
    private final NetworkKeeper keeper;
    private final String guardProblem;
    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final Set<NetworkChange.Kind> changed = EnumSet.allOf(NetworkChange.Kind.class);
    private final Thread networkThread;
    private final Thread monitorThread;
    private volatile ForwardingTable table = ForwardingTable.EMPTY;
    private volatile boolean closing;

    private InProcessPlane(
            PacketProcessor processor,
            PortFactory factory,
            Rtnetlink rtnetlink,
            NetworkMonitor monitor,
            Optional<StackGuard> guard,
            String guardProblem,
            Optional<StackRedirect> redirect) {
        this.factory = factory;
        this.rtnetlink = rtnetlink;
        this.monitor = monitor;
        this.guardProblem = guardProblem;
        worker = new ForwardingWorker(
                processor,
                guard,
                redirect,
                new TunDelivery(System::nanoTime),
                this::resolve,
                factory.waiter(),
                System::nanoTime,
                System::currentTimeMillis);
        keeper = new NetworkKeeper(
                rtnetlink,
                new NetworkReader(rtnetlink, InProcessPlane::forwards),
                factory,
                worker::network,
                worker::ports,
                System::nanoTime);
        networkThread = Thread.ofPlatform().name("fwd-network").daemon(true).unstarted(this::followNetwork);
        monitorThread = Thread.ofPlatform().name("fwd-monitor").daemon(true).unstarted(this::watchNetwork);
    }

    /**
     * Starts forwarding with an empty table.
     *
     * @param settings what the kernel keeps under {@code net.ipv4.vs}
     * @throws LinuxException when the kernel gives no netlink socket. An interface that cannot be served, or a kernel without nf_tables, does
     *     not stop the plane: {@link #description} tells.
     */
    public static InProcessPlane start(IpvsSettings settings) {
        return start(settings, MAX_CONNECTIONS);
    }

    /**
     * As {@link #start(IpvsSettings)}.
     *
     * @param maxConnections how many connections and templates there can be at one time, 1 or more
     */
    public static InProcessPlane start(IpvsSettings settings, int maxConnections) {
        IpvsProcessor.Options options = new IpvsProcessor.Options(new SecureRandom().nextLong(), maxConnections, true);
        IpvsProcessor processor = new IpvsProcessor(options, System.nanoTime());
        processor.settings(settings);
        return start(processor);
    }

    /**
     * As {@link #start(IpvsSettings)}, with a processor of the caller's.
     *
     * @param processor belongs to the plane from now on
     */
    public static InProcessPlane start(PacketProcessor processor) {
        Rtnetlink rtnetlink = Rtnetlink.open();
        try {
            NetworkMonitor monitor = NetworkMonitor.open(NetworkChange.Kind.values());
            try {
                return start(processor, rtnetlink, monitor);
            } catch (RuntimeException e) {
                monitor.close();
                throw e;
            }
        } catch (RuntimeException e) {
            rtnetlink.close();
            throw e;
        }
    }

    private static InProcessPlane start(PacketProcessor processor, Rtnetlink rtnetlink, NetworkMonitor monitor) {
        Optional<StackGuard> guard = Optional.empty();
        String problem = "";
        try {
            StackGuard opened = NftStackGuard.open(TunDelivery.DEVICE);
            guard = Optional.of(opened);
            opened.withhold(List.of(), List.of());
        } catch (LinuxException e) {
            guard.ifPresent(StackGuard::close);
            guard = Optional.empty();
            problem = String.valueOf(e.getMessage());
            LOGGER.log(
                    Level.ERROR,
                    "this kernel has no nf_tables, so its own stack will answer clients with resets: {0}",
                    problem);
        }
        InProcessPlane plane =
                new InProcessPlane(processor, new AfPacketPorts(), rtnetlink, monitor, guard, problem, redirect());
        plane.keeper.step(EnumSet.allOf(NetworkChange.Kind.class));
        plane.changed.clear();
        plane.worker.start();
        plane.networkThread.start();
        plane.monitorThread.start();
        return plane;
    }

    /** Empty where the kernel has no nf_tables. */
    private static Optional<StackRedirect> redirect() {
        NftStackRedirect.removeLeftovers();
        try {
            return Optional.of(NftStackRedirect.open(TunDelivery.DEVICE));
        } catch (LinuxException _) {
            return Optional.empty(); // the guard has said so
        }
    }

    /** Removes what a plane that was killed left in the network namespace of the calling thread. Succeeds when there is nothing. */
    public static void cleanup() {
        // the TUN device went with the process that had it open
        NftStackGuard.removeLeftovers();
        NftStackRedirect.removeLeftovers();
    }

    @Override
    public String description() {
        StringBuilder text = new StringBuilder("in this process by ").append(factory.description());
        List<String> names = keeper.portNames();
        text.append(names.isEmpty() ? ", but no interface is usable yet" : " on " + String.join(", ", names));
        if (!guardProblem.isEmpty()) {
            text.append("; the kernel's own stack is NOT held back, clients may get resets: ")
                    .append(guardProblem);
        } else if (!worker.guardTrouble().isEmpty()) {
            text.append("; the kernel's own stack is NOT held back for the newest services, tried again every second: ")
                    .append(worker.guardTrouble());
        } else {
            text.append("; the kernel's own stack is held back by nftables (table inet halvs)");
        }
        keeper.troubles().forEach(trouble -> text.append("; ").append(trouble));
        worker.localTroubles().forEach(trouble -> text.append("; ").append(trouble));
        return text.toString();
    }

    @Override
    public void publish(ForwardingTable newTable) {
        table = newTable;
        worker.publish(newTable);
        tasks.add(() -> keeper.table(newTable));
    }

    @Override
    public ForwardingTable table() {
        return table;
    }

    @Override
    public ForwardingStats stats() {
        return worker.stats();
    }

    @Override
    public ConnectionPage connections(int from, int most) {
        return worker.connections(from, Math.min(most, PAGE));
    }

    @Override
    public Timeouts timeouts() {
        return worker.timeouts();
    }

    @Override
    public void changeTimeouts(Timeouts timeouts) {
        worker.changeTimeouts(timeouts);
    }

    /** Changes the settings the kernel keeps under {@code net.ipv4.vs}, from the next packet on. */
    public void changeSettings(IpvsSettings settings) {
        worker.settings(settings);
    }

    /**
     * Marks packets by these rules, from the next batch on; without rules no packet has a mark. The interfaces they name may come later. For
     * services that go by such a mark, the local stack is held back from the addresses of this machine that the rules cover.
     */
    public void changeMarks(List<MarkRule> rules) {
        worker.marks(rules);
    }

    /**
     * Takes from now on also frames to these MACs of other machines, in whose place this one serves, and no others that are not for this machine. That the
     * interfaces receive them is the caller's business ({@link org.halvs.linux.FrameAdoption}).
     */
    public void adopt(Set<MacAddress> macs) {
        worker.adopt(macs);
    }

    @Override
    public void zero(Optional<ServiceKey> key) {
        worker.zero(key);
    }

    /** The connections, for whoever carries them to another director. */
    public SyncPort sync() {
        return worker.sync();
    }

    /** Called by the worker, so it only leaves word. */
    private void resolve(int interfaceIndex, IpAddress nextHop) {
        tasks.add(() -> keeper.resolve(interfaceIndex, nextHop));
    }

    private void watchNetwork() {
        while (!closing) {
            try {
                Optional<NetworkChange> change = monitor.next();
                if (change.isEmpty()) {
                    return;
                }
                Set<NetworkChange.Kind> kinds = change.get().kinds();
                tasks.add(() -> changed.addAll(kinds));
                Thread.sleep(SETTLE_MILLIS);
            } catch (InterruptedException _) {
                return;
            } catch (RuntimeException e) {
                LOGGER.log(
                        Level.WARNING,
                        "the kernel's network is not watched any more, only looked at every other second",
                        e);
                return;
            }
        }
    }

    private void followNetwork() {
        while (!closing) {
            try {
                Runnable task = tasks.poll(ROUTINE_MILLIS, TimeUnit.MILLISECONDS);
                for (; task != null; task = tasks.poll()) {
                    task.run();
                }
                boolean watched = monitorThread.isAlive();
                keeper.step(watched ? changed : EnumSet.allOf(NetworkChange.Kind.class));
                changed.clear();
            } catch (InterruptedException _) {
                return;
            } catch (RuntimeException e) {
                // what was to be read stays noted in "changed"
                LOGGER.log(
                        Level.WARNING, "the kernel''s network could not be read, to be tried again: {0}", e.toString());
            }
        }
    }

    private static boolean forwards(IpAddress.Family family) {
        Path setting = switch (family) {
            case IPV4 -> SYSCTL.resolve("ipv4/ip_forward");
            case IPV6 -> SYSCTL.resolve("ipv6/conf/all/forwarding");
        };
        try {
            return !Files.readString(setting).strip().equals("0");
        } catch (IOException _) {
            return false; // a kernel without this family
        }
    }

    @Override
    public void close() {
        if (closing) {
            return;
        }
        closing = true;
        monitor.close();
        networkThread.interrupt();
        try {
            networkThread.join(5000);
            monitorThread.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        worker.close();
        rtnetlink.close();
    }
}
