package org.halvs.ldirectord.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.halvs.ldirectord.LdirectordPlan;
import org.halvs.ldirectord.daemon.LogSink;

/** Starts daemons. */
interface DaemonLauncher {

    /** The configuration for which this process was started by {@link #detach}; empty when it was not. */
    Optional<Path> detachedFor();

    /**
     * Serves {@code plan} in this process until a signal ends it.
     *
     * @return the exit status
     */
    int serve(Path config, LdirectordPlan plan, LogSink log);

    /**
     * Starts this program again with the same arguments, in the background, and returns when it has written its pid file or has ended.
     *
     * @return the exit status of the caller: 0 when the daemon runs, else that of the daemon
     */
    int detach(Path config, Path pidFile);

    /** Runs this program for another configuration and waits for it. */
    void runOther(String config, Verb verb);
}
