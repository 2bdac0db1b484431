package org.halvs.ldirectord.daemon;

import java.time.Duration;
import java.util.List;
import org.halvs.director.kernel.CommandFailure;
import org.halvs.director.kernel.IpvsadmProgram;
import org.halvs.director.kernel.KernelPlane;
import org.halvs.ipvs.ForwardingTable;

/** The kernel's ip_vs, through the ipvsadm program. What a daemon leaves in it stays. */
public final class KernelDaemonPlane implements DaemonPlane {
    private final IpvsadmProgram ipvsadm;
    private final KernelPlane plane;

    /** @param keeping whether changes by others stay until the server changes its state */
    public KernelDaemonPlane(IpvsadmProgram ipvsadm, boolean keeping, KernelPlane.Listener listener) {
        this.ipvsadm = ipvsadm;
        this.plane = new KernelPlane(
                ipvsadm,
                KernelPlane.AUDIT_INTERVAL,
                keeping ? KernelPlane.Repair.KEEP_CHANGES : KernelPlane.Repair.WITHHOLD_REMOVED,
                listener);
    }

    @Override
    public String description() {
        return plane.description();
    }

    @Override
    public String program() {
        return ipvsadm.path();
    }

    @Override
    public ForwardingTable observe(List<CommandFailure> failures) {
        return plane.observe(failures).orElse(ForwardingTable.EMPTY);
    }

    @Override
    public void publish(ForwardingTable table) {
        plane.publish(table);
    }

    @Override
    public void readd() {
        plane.readd();
    }

    @Override
    public boolean awaitApplied(Duration patience) {
        return plane.awaitApplied(patience);
    }

    @Override
    public void close() {
        plane.close();
    }
}
