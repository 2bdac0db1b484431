package org.halvs.ha.runtime;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.halvs.ha.arbitration.ArbitrationConfiguration;
import org.halvs.ha.arbitration.CommandFencing;
import org.halvs.ha.arbitration.Fencing;
import org.halvs.ha.arbitration.LastResort;
import org.halvs.ha.arbitration.LinuxClaimNetwork;
import org.halvs.ha.arbitration.PingNodes;
import org.halvs.ha.arbitration.Watchdog;
import org.halvs.ha.cluster.Arbiter;
import org.halvs.ha.cluster.ClusterNode;
import org.halvs.ha.cluster.ControlLoop;
import org.halvs.ha.config.ArbitrationSettings;
import org.halvs.ha.config.Authkeys;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.ha.config.ClusterFiles;
import org.halvs.ha.config.Medium;
import org.halvs.ha.membership.Wakefulness;
import org.halvs.ha.membership.path.Urgency;
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
    private final String name;
    private final Path run;
    private final LinuxClaimNetwork network;
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final ClusterNode.Means means;
    private ClusterFiles files;
    private ArbitrationConfiguration configuration;
    private Optional<IcmpEcho> echo = Optional.empty();
    private Optional<PingNodes> pings = Optional.empty();
    private volatile Optional<Arbiter> arbiter = Optional.empty();

    private ArbitrationParts(
            ControlLoop loop,
            ClusterFiles files,
            ArbitrationConfiguration configuration,
            String name,
            long incarnation,
            Path run,
            Wakefulness wakefulness) {
        this.loop = loop;
        this.files = files;
        this.configuration = configuration;
        this.name = name;
        this.run = run;
        Rtnetlink rtnetlink = part(Rtnetlink.open());
        network = part(new LinuxClaimNetwork(
                new LinuxClaimNetwork.Identity(name, incarnation),
                terms(files),
                rtnetlink,
                this::asked,
                wakefulness,
                Urgency.of(files.config())::raiseBelow));
        means = new ClusterNode.Means(
                network,
                fencing(configuration),
                watchdog(configuration, files.config().timing().deadtime()),
                LastResort.sysrq(),
                wakefulness,
                asleepNanos(files));
    }

    static ArbitrationParts open(
            ControlLoop loop,
            ClusterFiles files,
            ArbitrationConfiguration configuration,
            String name,
            long incarnation,
            Path run,
            Wakefulness wakefulness) {
        return new ArbitrationParts(loop, files, configuration, name, incarnation, run, wakefulness);
    }

    private <T extends AutoCloseable> T part(T part) {
        parts.push(part);
        return part;
    }

    private static long asleepNanos(ClusterFiles files) {
        return files.config().timing().deadtime().toNanos() / 4 * 3; // a heartbeat may have been due just before
    }

    private static LinuxClaimNetwork.Terms terms(ClusterFiles files) {
        return new LinuxClaimNetwork.Terms(
                files.authkeys(),
                files.groups().stream().map(ResourceGroup::key).toList(),
                files.config().media().stream()
                        .filter(medium -> !(medium instanceof Medium.Serial))
                        .map(Medium::link)
                        .collect(Collectors.toSet()),
                asleepNanos(files));
    }

    private Optional<Fencing> fencing(ArbitrationConfiguration devices) {
        return devices.devices().isEmpty()
                ? Optional.empty()
                : Optional.of(part(new CommandFencing(devices.devices(), devices.fencingLimit(), run)));
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
        ping(whoDecides);
    }

    private void ping(Arbiter whoDecides) {
        ClusterConfig config = files.config();
        int all = config.pings().size();
        pings = Optional.empty();
        if (all > 0) {
            IcmpEcho sender = echo.orElseGet(() -> part(IcmpEcho.open()));
            echo = Optional.of(sender);
            pings = Optional.of(part(PingNodes.start(
                    sender,
                    config.pings(),
                    config.timing().keepalive(),
                    config.timing().deadping(),
                    reached -> loop.enqueue(() -> whoDecides.pings(reached, all)))));
        }
    }

    private void noLongerPing(PingNodes former) {
        parts.remove(former);
        former.close();
    }

    /** Which ping nodes answer, see {@link PingNodes#answering}. On the control thread. */
    Map<String, Boolean> pings() {
        return pings.map(PingNodes::answering).orElse(Map.of());
    }

    /** Other keys hold from now on, whatever the other files say. On the control thread. */
    void changeAuthkeys(Authkeys authkeys) {
        files = new ClusterFiles(files.config(), authkeys, files.groups());
        network.change(terms(files));
    }

    /** Other files hold from now on. Only what differs is begun anew. On the control thread. */
    void configure(ClusterFiles changed, ArbitrationSettings settings) {
        ClusterFiles before = files;
        ArbitrationConfiguration former = configuration;
        ArbitrationConfiguration now = new ArbitrationConfiguration(changed.config(), settings, name);
        files = changed;
        configuration = now;
        network.change(terms(changed));
        arbiter.ifPresent(whoDecides -> {
            whoDecides.asleepAfter(asleepNanos(changed));
            if (!now.devices().equals(former.devices()) || !now.fencingLimit().equals(former.fencingLimit())) {
                whoDecides.fenceBy(fencing(now));
            }
            Duration deadtime = changed.config().timing().deadtime();
            boolean sameWatchdog = now.watchdog().equals(former.watchdog())
                    && deadtime.equals(before.config().timing().deadtime());
            if (!sameWatchdog) {
                whoDecides.watchedBy(() -> watchdog(now, deadtime));
            }
            if (!samePings(before.config(), changed.config())) {
                pings.ifPresent(this::noLongerPing);
                ping(whoDecides);
                if (changed.config().pings().isEmpty()) {
                    whoDecides.pingless();
                }
            }
        });
    }

    private static boolean samePings(ClusterConfig before, ClusterConfig after) {
        return before.pings().equals(after.pings())
                && before.timing().keepalive().equals(after.timing().keepalive())
                && before.timing().deadping().equals(after.timing().deadping());
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
