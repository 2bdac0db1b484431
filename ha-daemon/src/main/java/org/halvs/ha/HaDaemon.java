package org.halvs.ha;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.Parsed;
import org.halvs.ha.config.LocalHost;
import org.halvs.ha.config.NodeFiles;
import org.halvs.ha.runtime.DaemonLog;
import org.halvs.ha.runtime.Node;

/** {@code halvs daemon}: one node, in the foreground, until it is told to stop. */
public final class HaDaemon {
    /** heartbeat's exit status for a configuration it can't start with. */
    private static final int CONFIGURATION_ERROR = 6;

    private static final int ALREADY_RUNNING = 1;
    private static final Logger LOG = System.getLogger("halvs");

    private HaDaemon() {}

    /** Runs until a signal or a broken invariant ends it; answers the exit status. */
    public static int run(Path etc, Path run) {
        DaemonLog.start();
        Parsed<NodeFiles> files = NodeFiles.read(etc, LocalHost.facts());
        files.problems().forEach(HaDaemon::log);
        if (files.value().isEmpty()) {
            LOG.log(Level.ERROR, "Configuration error, HALVS not started.");
            return CONFIGURATION_ERROR;
        }
        try (FileChannel channel = lockFile(run)) {
            Optional<FileLock> lock = lock(channel);
            if (lock.isEmpty()) {
                LOG.log(Level.ERROR, "another HALVS daemon runs with " + run + "; stop it, or give this one a --run directory of its own");
                return ALREADY_RUNNING;
            }
            String name = LocalHost.name();
            DaemonLog.configure(files.value().get().cluster().log(), name);
            return Node.start(files.value().get(), etc, run, name).awaitEnd();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileChannel lockFile(Path run) throws IOException {
        Files.createDirectories(run);
        return FileChannel.open(run.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /** The lock goes with the process, whatever ends it. */
    private static Optional<FileLock> lock(FileChannel channel) throws IOException {
        try {
            return Optional.ofNullable(channel.tryLock());
        } catch (OverlappingFileLockException _) {
            return Optional.empty();
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
