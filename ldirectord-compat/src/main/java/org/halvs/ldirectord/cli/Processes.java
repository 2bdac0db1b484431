package org.halvs.ldirectord.cli;

import java.time.Duration;

/** Other processes. */
interface Processes {

    /** Whether {@code pid} is a process with ldirectord in its command line. */
    boolean isDirector(long pid);

    /** Sends TERM; a process that is gone is no failure. */
    void terminate(long pid);

    /** Sends HUP; a process that is gone is no failure. */
    void hangUp(long pid);

    /** Waits until {@code pid} is no such process any more; {@code false} when that took longer than {@code patience}. */
    boolean awaitEnd(long pid, Duration patience);
}
