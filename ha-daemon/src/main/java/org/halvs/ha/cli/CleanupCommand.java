package org.halvs.ha.cli;

import java.util.concurrent.Callable;
import org.halvs.ha.runtime.Leftovers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code halvs cleanup}: the stop-post step of the service unit. */
@Command(
        name = "cleanup",
        description = {
            "Takes away what a daemon that was killed left behind: addresses, packet filter, devices.",
            "Does nothing while a daemon runs. The service unit runs it after every end of the daemon."
        })
final class CleanupCommand implements Callable<Integer> {
    @Mixin
    private final Directories directories = new Directories();

    @Override
    public Integer call() {
        return Leftovers.clean(directories.run());
    }
}
