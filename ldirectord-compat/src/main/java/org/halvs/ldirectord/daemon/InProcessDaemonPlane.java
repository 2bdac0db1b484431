package org.halvs.ldirectord.daemon;

import java.time.Duration;
import java.util.List;
import org.halvs.director.kernel.CommandFailure;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.plane.ForwardingPlane;

/** A plane in this process: it begins empty, ends with the daemon, and nobody else changes its table. */
public final class InProcessDaemonPlane implements DaemonPlane {
    private static final System.Logger LOG = System.getLogger(InProcessDaemonPlane.class.getName());

    private final ForwardingPlane plane;
    private final AutoCloseable access;

    /**
     * @param plane closed with this one
     * @param access to the table, for other programs; closed before the plane
     */
    public InProcessDaemonPlane(ForwardingPlane plane, AutoCloseable access) {
        this.plane = plane;
        this.access = access;
    }

    @Override
    public String description() {
        return plane.description();
    }

    @Override
    public String program() {
        return "";
    }

    @Override
    public ForwardingTable observe(List<CommandFailure> failures) {
        return ForwardingTable.EMPTY;
    }

    @Override
    public void publish(ForwardingTable table) {
        plane.publish(table);
    }

    /** Nothing is ever withheld. */
    @Override
    public void readd() {}

    @Override
    public boolean awaitApplied(Duration patience) {
        return true;
    }

    @Override
    public void close() {
        try {
            access.close();
        } catch (Exception e) {
            LOG.log(System.Logger.Level.WARNING, "the access to the table could not be closed", e);
        }
        plane.close();
    }
}
