package org.halvs.ldirectord.cli;

import java.util.List;
import java.util.Optional;
import org.halvs.director.OldBehaviour;
import org.halvs.director.kernel.ExecIpvsadm;
import org.halvs.director.kernel.IpvsadmProgram;
import org.halvs.ipvs.plane.InProcessPlane;
import org.halvs.ldirectord.daemon.DaemonPlane;
import org.halvs.ldirectord.daemon.InProcessDaemonPlane;
import org.halvs.ldirectord.daemon.KernelDaemonPlane;

/** The planes of this machine. */
final class Planes {
    private final Optional<PlaneChoice> wanted;
    private final Optional<ExecIpvsadm> ipvsadm;
    private final SiteSettings site;
    private final TableAccess access;

    /** @param wanted empty for what works */
    Planes(Optional<PlaneChoice> wanted, Optional<ExecIpvsadm> ipvsadm, SiteSettings site, TableAccess access) {
        this.wanted = wanted;
        this.ipvsadm = ipvsadm;
        this.site = site;
        this.access = access;
    }

    /** Whether the kernel is wanted and can't be reached. */
    boolean lacksIpvsadm() {
        return wanted.filter(PlaneChoice.KERNEL::equals).isPresent() && ipvsadm.isEmpty();
    }

    /** What to serve; empty when that {@link #lacksIpvsadm}. Runs ipvsadm when nothing is said, which makes the kernel load ip_vs. */
    Optional<DaemonPlane.Opener> opener() {
        if (wanted.isPresent()) {
            return switch (wanted.get()) {
                case KERNEL -> ipvsadm.map(this::kernel);
                case IN_PROCESS -> Optional.of(inProcess());
            };
        }
        return ipvsadm.filter(Planes::works).map(this::kernel).or(() -> Optional.of(inProcess()));
    }

    private static boolean works(ExecIpvsadm program) {
        return program.run(List.of("-L", "-n"), "") instanceof IpvsadmProgram.Exited exited && exited.succeeded();
    }

    private DaemonPlane.Opener kernel(ExecIpvsadm program) {
        boolean keeping = site.rules().kept().contains(OldBehaviour.CHANGES_BY_HAND_STAY);
        return listener -> new KernelDaemonPlane(program, keeping, listener);
    }

    private DaemonPlane.Opener inProcess() {
        return _ -> {
            InProcessPlane plane = InProcessPlane.start(site.forwarding(), site.maxConnections());
            plane.changeMarks(site.marks());
            return new InProcessDaemonPlane(plane, access.open(plane));
        };
    }
}
