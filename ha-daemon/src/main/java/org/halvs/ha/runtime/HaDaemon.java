package org.halvs.ha.runtime;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.Parsed;
import org.halvs.ha.arbitration.ArbitrationConfiguration;
import org.halvs.ha.config.ClusterFiles;
import org.halvs.ha.config.HalvsYml;
import org.halvs.ha.config.HostFacts;
import org.halvs.ha.config.LinuxHostFacts;
import org.halvs.ha.config.NodeChangesFile;

/** {@code halvs daemon}: one node, in the foreground, until it is told to stop. */
public final class HaDaemon {
    /** heartbeat's exit status for a configuration it can't start with. */
    private static final int CONFIGURATION_ERROR = 6;

    private static final int ALREADY_RUNNING = 1;
    private static final Logger LOG = System.getLogger("halvs");

    private HaDaemon() {}

    /** Runs until a signal or a broken invariant ends it; answers the exit status. */
    public static int run(NodeDirectories places) {
        Path etc = places.etc();
        Path run = places.run();
        DaemonLog.start();
        NodeChangesFile changes = NodeChangesFile.open(places.state());
        HostFacts host = new LinuxHostFacts();
        Parsed<ClusterFiles> files = ClusterFiles.read(etc, host, changes.current());
        files.problems().forEach(HaDaemon::log);
        Parsed<HalvsYml> own = HalvsYml.read(etc);
        own.problems().forEach(HaDaemon::log);
        if (files.value().isEmpty() || own.value().isEmpty()) {
            LOG.log(Level.ERROR, "Configuration error, HALVS not started.");
            return CONFIGURATION_ERROR;
        }
        List<ConfigProblem> misfits = new ArbitrationConfiguration(
                        files.value().get().config(), own.value().get().arbitration(), "")
                .problems(etc);
        misfits.forEach(HaDaemon::log);
        if (misfits.stream().anyMatch(ConfigProblem::isError)) {
            LOG.log(Level.ERROR, "Configuration error, HALVS not started.");
            return CONFIGURATION_ERROR;
        }
        try (RunLock lock = RunLock.take(run)) {
            if (!lock.taken()) {
                LOG.log(
                        Level.ERROR,
                        "another HALVS daemon runs with {0}; stop it, or give this one a --run directory of its own",
                        run);
                return ALREADY_RUNNING;
            }
            String name = host.nodeName().orElseThrow(() -> new IllegalStateException("this machine has no name"));
            DaemonLog.configure(files.value().get().config().log(), name);
            try {
                return Node.start(files.value().get(), own.value().get(), changes, places, name)
                        .awaitEnd();
            } finally {
                DaemonLog.stop();
            }
        }
    }

    private static void log(ConfigProblem problem) {
        Level level = switch (problem.severity()) {
            case ERROR -> Level.ERROR;
            case WARNING -> Level.WARNING;
            case NOTE -> Level.INFO;
        };
        LOG.log(level, problem.toString());
    }
}
