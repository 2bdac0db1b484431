package org.halvs.ldirectord.cli;

import java.util.List;
import java.util.Optional;
import org.halvs.director.kernel.ExecIpvsadm;
import org.halvs.director.kernel.IpvsadmProgram;
import org.halvs.ipvs.forward.IpvsSettings;
import org.halvs.ipvs.forward.Setting;
import org.halvs.ipvs.plane.InProcessPlane;
import org.halvs.ldirectord.daemon.DaemonPlane;
import org.halvs.ldirectord.daemon.InProcessDaemonPlane;
import org.halvs.ldirectord.daemon.KernelDaemonPlane;

/** The planes of this machine. */
final class Planes {
    private final Optional<PlaneChoice> wanted;
    private final Optional<ExecIpvsadm> ipvsadm;

    Planes(Optional<PlaneChoice> wanted, Optional<ExecIpvsadm> ipvsadm) {
        this.wanted = wanted;
        this.ipvsadm = ipvsadm;
    }

    /** Whether the kernel is wanted and can't be reached. */
    boolean lacksIpvsadm() {
        return wanted.filter(PlaneChoice.KERNEL::equals).isPresent() && ipvsadm.isEmpty();
    }

    /** What to serve; empty when that {@link #lacksIpvsadm}. Runs ipvsadm when nothing is said, which makes the kernel load ip_vs. */
    Optional<DaemonPlane.Opener> opener() {
        if (wanted.isPresent()) {
            return switch (wanted.get()) {
                case KERNEL -> ipvsadm.map(Planes::kernel);
                case HALVS -> Optional.of(inProcess());
            };
        }
        return ipvsadm.filter(Planes::works).map(Planes::kernel).or(() -> Optional.of(inProcess()));
    }

    private static boolean works(ExecIpvsadm program) {
        return program.run(List.of("-L", "-n"), "") instanceof IpvsadmProgram.Exited exited && exited.succeeded();
    }

    private static DaemonPlane.Opener kernel(ExecIpvsadm program) {
        return listener -> new KernelDaemonPlane(program, listener);
    }

    /** As the daemon of a pair: a server that is down loses the clients that stick to it. */
    private static DaemonPlane.Opener inProcess() {
        IpvsSettings settings = IpvsSettings.DEFAULT.with(Setting.EXPIRE_QUIESCENT_TEMPLATE, 1);
        return _ -> new InProcessDaemonPlane(InProcessPlane.start(settings));
    }
}
