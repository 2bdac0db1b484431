package org.halvs.ldirectord.daemon;

import java.time.Duration;
import java.util.List;
import org.halvs.director.kernel.CommandFailure;
import org.halvs.director.kernel.KernelPlane;
import org.halvs.ipvs.ForwardingTable;

/** What makes traffic follow a daemon's table. */
public interface DaemonPlane extends AutoCloseable {

    /** Makes a plane. */
    @FunctionalInterface
    interface Opener {
        /**
         * @param listener hears what came of each table, on any thread
         */
        DaemonPlane open(KernelPlane.Listener listener);
    }

    /** What the plane is, for the log. */
    String description();

    /** The program whose command lines the reports quote; empty when there is none. */
    String program();

    /** The table there is before anything is published; {@code failures} gets what kept it from being seen. */
    ForwardingTable observe(List<CommandFailure> failures);

    /** Makes {@code table} the one that counts, soon after this returns. */
    void publish(ForwardingTable table);

    /** Servers that were withheld because somebody removed them are put back with the next publication. */
    void readd();

    /** Waits until everything published so far counts; {@code false} when that took longer than {@code patience}. */
    boolean awaitApplied(Duration patience);

    @Override
    void close();
}
