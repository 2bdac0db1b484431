package org.halvs.ha.takeover;

import java.util.Map;

/**
 * The outcome of {@link TakeoverStep.CheckClaim}.
 *
 * @param daemons what each daemon that answered said about the group; a node that is not among them was not reached
 */
public record ClaimReport(String group, ClaimResult result, Map<String, ClaimAnswer> daemons) {
    public ClaimReport {
        daemons = Map.copyOf(daemons);
    }
}
