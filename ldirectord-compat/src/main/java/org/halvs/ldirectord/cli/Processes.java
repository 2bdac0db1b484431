package org.halvs.ldirectord.cli;

/** Other processes. */
interface Processes {

    /** Whether {@code pid} is a process with ldirectord in its command line. */
    boolean isDirector(long pid);

    /** Sends TERM; a process that is gone is no failure. */
    void terminate(long pid);

    /** Sends HUP; a process that is gone is no failure. */
    void hangUp(long pid);

    /** Waits a little before somebody looks again. */
    void pause();
}
