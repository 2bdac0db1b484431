package org.halvs.director;

import java.util.List;

/**
 * What a director has to do, in whatever dialect it was written.
 *
 * @param virtuals in the order of the file, no two of one key
 * @param readdQuiescent whether a server that is down and not in the table is put there with weight 0
 */
public record ServicePlan(List<VirtualPlan> virtuals, boolean readdQuiescent) {
    /** Nothing to do. */
    public static final ServicePlan EMPTY = new ServicePlan(List.of(), false);

    public ServicePlan {
        virtuals = List.copyOf(virtuals);
    }
}
