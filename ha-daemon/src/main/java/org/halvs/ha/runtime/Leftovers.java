package org.halvs.ha.runtime;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.halvs.ipvs.plane.InProcessPlane;
import org.halvs.linux.LinuxException;
import org.halvs.linux.NeighbourSilence;
import org.halvs.linux.NftFrameAdoption;
import org.halvs.linux.NftNeighbourSilence;
import org.halvs.linux.PortBlock;
import org.halvs.linux.Rtnetlink;
import org.halvs.resource.address.AddressJournal;
import org.halvs.resource.address.Cleanup;

/** What a daemon that was killed leaves in the kernel: addresses, the packet filter, the local device. */
public final class Leftovers {
    /** The journal of addresses in the run directory. */
    static final String JOURNAL = "addresses";

    private Leftovers() {}

    /**
     * Takes everything away, for {@code halvs cleanup}, and prints what that was.
     *
     * @return the exit status: 0 when nothing is left, 1 when something could not be taken away
     */
    public static int clean(Path run) {
        if (!Files.isDirectory(run)) {
            return 0; // no daemon ever ran with it
        }
        try (RunLock lock = RunLock.take(run)) {
            if (!lock.taken()) {
                System.out.println("a daemon runs with " + run + "; there is nothing to clean up");
                return 0;
            }
            return takeAway(run);
        }
    }

    private static int takeAway(Path run) {
        int exit = 0;
        try (Rtnetlink rtnetlink = Rtnetlink.open()) {
            Cleanup.Report report = Cleanup.run(rtnetlink, AddressJournal.open(run.resolve(JOURNAL)));
            report.removed().forEach(address -> System.out.println("removed " + address));
            report.failed().forEach(failure -> System.err.println("not removed: " + failure));
            exit = report.failed().isEmpty() ? 0 : 1;
        }
        InProcessPlane.cleanup();
        liftFilters();
        return exit;
    }

    /**
     * Takes away what {@code portblock} blocked, lets this machine tell again of addresses it was handing over, and no longer take what is sent to a former
     * owner of addresses.
     */
    static void liftFilters() {
        try (PortBlock block = PortBlock.open();
                NeighbourSilence silence = NftNeighbourSilence.open()) {
            block.drop(List.of());
            silence.about(List.of());
        } catch (LinuxException _) {
            // a kernel without nf_tables never filtered anything
        }
        NftFrameAdoption.removeLeftovers();
    }
}
