package org.halvs.ha.cli;

import java.util.concurrent.Callable;
import org.halvs.ha.runtime.HaDaemon;
import org.halvs.ha.runtime.NodeDirectories;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code halvs daemon}. */
@Command(name = "daemon", description = "Runs this node in the foreground; the service unit starts it so.")
final class DaemonCommand implements Callable<Integer> {
    @Mixin
    private final Directories directories = new Directories();

    @Override
    public Integer call() {
        return run(directories);
    }

    /** Runs the node; answers the exit status when it has ended. */
    static int run(Directories directories) {
        return HaDaemon.run(new NodeDirectories(directories.etc(), directories.run(), directories.state()));
    }
}
