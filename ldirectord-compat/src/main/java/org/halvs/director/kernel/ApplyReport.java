package org.halvs.director.kernel;

import java.util.List;

/**
 * What came of bringing the kernel's table to what it should be.
 *
 * @param revision of the desired table
 * @param commands the lines that were run, without the listings
 * @param drift what somebody else had changed since the last time; all of it is repaired, but for servers that were removed and are
 *     {@code withheld}
 * @param withheld servers somebody removed that were not put back, because nobody has said yet whether they should be
 * @param failures lines that failed, but for those that failed in the same way the last time
 * @param complete whether the kernel has now what it should have, withheld servers aside
 */
public record ApplyReport(
        long revision,
        List<String> commands,
        List<Drift> drift,
        List<Drift.ServerRemoved> withheld,
        List<CommandFailure> failures,
        boolean complete) {
    public ApplyReport {
        commands = List.copyOf(commands);
        drift = List.copyOf(drift);
        withheld = List.copyOf(withheld);
        failures = List.copyOf(failures);
    }

    /** Whether there is nothing to tell anybody. */
    public boolean isQuiet() {
        return commands.isEmpty() && drift.isEmpty() && failures.isEmpty();
    }
}
