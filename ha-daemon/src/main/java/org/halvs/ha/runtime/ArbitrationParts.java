package org.halvs.ha.runtime;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.halvs.ha.arbitration.ArbitrationConfiguration;
import org.halvs.ha.arbitration.ClaimNetwork;
import org.halvs.ha.arbitration.CommandFencing;
import org.halvs.ha.arbitration.FenceDevice;
import org.halvs.ha.arbitration.Fencing;
import org.halvs.ha.arbitration.LastResort;
import org.halvs.ha.arbitration.LinuxClaimNetwork;
import org.halvs.ha.arbitration.PingNodes;
import org.halvs.ha.arbitration.Watchdog;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.ha.config.ClusterFiles;
import org.halvs.ha.config.Medium;
import org.halvs.ha.takeover.ClaimAnswer;
import org.halvs.linux.IcmpEcho;
import org.halvs.linux.LinuxException;
import org.halvs.linux.Rtnetlink;
import org.halvs.resource.ResourceGroup;

/** The ports an {@link Arbiter} works with, opened, tied to it, and closed in order. */
final class ArbitrationParts implements AutoCloseable {
    private static final Logger LOG = System.getLogger("halvs");
    private static final int STOP_SECONDS = 2;

    private final ControlLoop loop;
    private final ClusterConfig config;
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final ClusterNode.Means means;
    private volatile Optional<Arbiter> arbiter = Optional.empty();

    private ArbitrationParts(
            ControlLoop loop,
            ClusterFiles files,
            ArbitrationConfiguration configuration,
            String name,
            long incarnation,
            Path run) {
        this.loop = loop;
        this.config = files.config();
        Rtnetlink rtnetlink = part(Rtnetlink.open());
        Duration deadtime = config.timing().deadtime();
        long asleepNanos = deadtime.toNanos() / 4 * 3; // a heartbeat may have been due just before
        ClaimNetwork network = part(new LinuxClaimNetwork(
                new LinuxClaimNetwork.Identity(name, incarnation, config.nodes(), files.authkeys()),
                rtnetlink,
                files.groups().stream().map(ResourceGroup::key).toList(),
                heartbeatLinks(),
                asleepNanos,
                this::asked));
        List<FenceDevice> devices = configuration.devices();
        Optional<Fencing> fencing = devices.isEmpty()
                ? Optional.empty()
                : Optional.of(part(new CommandFencing(devices, configuration.fencingLimit(), run)));
        means = new ClusterNode.Means(
                network, fencing, watchdog(configuration, deadtime), LastResort.sysrq(), asleepNanos);
    }

    static ArbitrationParts open(
            ControlLoop loop,
            ClusterFiles files,
            ArbitrationConfiguration configuration,
            String name,
            long incarnation,
            Path run) {
        return new ArbitrationParts(loop, files, configuration, name, incarnation, run);
    }

    private <T extends AutoCloseable> T part(T part) {
        parts.push(part);
        return part;
    }

    private Set<String> heartbeatLinks() {
        return config.media().stream()
                .filter(medium -> !(medium instanceof Medium.Serial))
                .map(Medium::link)
                .collect(Collectors.toSet());
    }

    /** As in heartbeat, a node whose watchdog can't be had runs without one, and says so. */
    private static Watchdog watchdog(ArbitrationConfiguration configuration, Duration deadtime) {
        if (configuration.watchdog().isEmpty()) {
            return Watchdog.none();
        }
        Path device = configuration.watchdog().get();
        try {
            return Watchdog.open(device, deadtime);
        } catch (LinuxException e) {
            LOG.log(Level.ERROR, "watchdog {0}: {1}; this machine is not reset when it hangs", device, e.getMessage());
            return Watchdog.none();
        }
    }

    private void asked(String node, String group, ClaimAnswer asking) {
        loop.enqueue(() -> arbiter.ifPresent(a -> a.asked(node, group, asking)));
    }

    ClusterNode.Means means() {
        return means;
    }

    /** Ties the ports to the arbiter and begins to ping. */
    void start(Arbiter whoDecides) {
        arbiter = Optional.of(whoDecides);
        whoDecides.start();
        int all = config.pings().size();
        if (all > 0) {
            part(PingNodes.start(
                    part(IcmpEcho.open()),
                    config.pings(),
                    config.timing().keepalive(),
                    config.timing().deadping(),
                    reached -> loop.enqueue(() -> whoDecides.pings(reached, all))));
        }
    }

    @Override
    public void close() {
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.log(Level.WARNING, "stopping " + part.getClass().getSimpleName() + ": " + e);
            }
        }
        stopWatchdog();
    }

    /** On the control thread, which writes to the device until then. */
    private void stopWatchdog() {
        if (arbiter.isEmpty()) {
            means.watchdog().close();
            return;
        }
        Arbiter last = arbiter.get();
        try {
            loop.ask(() -> {
                        last.close();
                        return true;
                    })
                    .get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.ERROR, "the watchdog goes on counting: " + e);
        }
    }
}
