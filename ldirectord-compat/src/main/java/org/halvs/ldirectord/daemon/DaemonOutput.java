package org.halvs.ldirectord.daemon;

import org.halvs.ldirectord.LdirectordOptions;

/** Where a daemon writes what it says. Called from the control thread only. */
public interface DaemonOutput {

    /** A line of the log, without time stamp and line end. */
    void log(String message);

    /** A line for those who asked for debugging. */
    void debug(String message);

    /** The configuration says where lines go from now on. */
    void follow(LdirectordOptions options);
}
