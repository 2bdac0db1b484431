package org.halvs.ha.runtime;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.halvs.director.OldBehaviour;
import org.halvs.director.kernel.ApplyReport;
import org.halvs.director.kernel.CommandFailure;
import org.halvs.director.kernel.ExecIpvsadm;
import org.halvs.director.kernel.IpvsadmProgram;
import org.halvs.director.kernel.KernelPlane;
import org.halvs.ha.config.HalvsYml;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.forward.IpvsSettings;
import org.halvs.ipvs.mark.MarkRule;
import org.halvs.ipvs.plane.ForwardingPlane;
import org.halvs.ipvs.plane.InProcessPlane;
import org.halvs.linux.MacAddress;

/**
 * What carries the traffic of this node: the core in this process, or the kernel's ip_vs where halvs.yml says {@code plane: kernel}. Thread-safe.
 *
 * @param forwarding the plane itself
 * @param settings takes changed settings of the core; the kernel's are changed with sysctl(8)
 * @param adopted takes the MACs of other machines to which frames are served as well; the kernel's ip_vs has them from the kernel's stack
 * @param current what stands in the table before anything was published
 * @param readd servers that were withheld because somebody removed them are put back with the next publication
 * @param applied waits until everything published so far counts; false when that took longer
 */
record NodePlane(
        ForwardingPlane forwarding,
        Consumer<IpvsSettings> settings,
        Consumer<List<MarkRule>> marks,
        Consumer<Set<MacAddress>> adopted,
        Supplier<ForwardingTable> current,
        Runnable readd,
        Function<Duration, Boolean> applied)
        implements AutoCloseable {
    private static final Logger LOG = System.getLogger("halvs");

    /**
     * Opens the plane halvs.yml asks for.
     *
     * @param reports hears what came of each change of the kernel's table, on any thread
     */
    static NodePlane open(HalvsYml own, Consumer<ApplyReport> reports) {
        if (own.kernelForwards()) {
            boolean keeping = own.rules().kept().contains(OldBehaviour.CHANGES_BY_HAND_STAY);
            return kernel(ipvsadm(), keeping, reports);
        }
        InProcessPlane plane = InProcessPlane.start(own.settings(), own.maxConnections());
        plane.changeMarks(own.marks());
        return new NodePlane(
                plane,
                plane::changeSettings,
                plane::changeMarks,
                plane::adopt,
                () -> ForwardingTable.EMPTY,
                () -> {},
                _ -> true);
    }

    /** The kernel's table through an ipvsadm. */
    static NodePlane kernel(IpvsadmProgram program, boolean keeping, Consumer<ApplyReport> reports) {
        KernelPlane plane = new KernelPlane(
                program,
                KernelPlane.AUDIT_INTERVAL,
                keeping ? KernelPlane.Repair.KEEP_CHANGES : KernelPlane.Repair.WITHHOLD_REMOVED,
                reports::accept);
        return new NodePlane(
                plane,
                _ -> LOG.log(
                        Level.WARNING, "the kernel forwards (plane: kernel); its settings are changed with sysctl"),
                _ -> {}, // the kernel's packet filter marks
                _ -> {},
                () -> observe(plane),
                plane::readd,
                plane::awaitApplied);
    }

    /** A program that is missing fails with every command, which the events tell; it may be installed at any time. */
    private static IpvsadmProgram ipvsadm() {
        return ExecIpvsadm.installed().orElseGet(() -> new ExecIpvsadm(Path.of("/usr/sbin/ipvsadm")));
    }

    private static ForwardingTable observe(KernelPlane plane) {
        List<CommandFailure> failures = new ArrayList<>();
        ForwardingTable found = plane.observe(failures).orElse(ForwardingTable.EMPTY);
        failures.forEach(failure -> LOG.log(Level.WARNING, failure.describe()));
        return found;
    }

    @Override
    public void close() {
        forwarding.close();
    }
}
