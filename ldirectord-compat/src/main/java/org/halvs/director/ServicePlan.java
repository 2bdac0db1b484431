package org.halvs.director;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.halvs.ipvs.ServiceKey;

/**
 * What a director has to do, in whatever dialect it was written.
 *
 * @param virtuals in the order of the file; two of one key are an {@link IllegalArgumentException}
 * @param readdQuiescent whether a server that is down and not in the table is put there with weight 0
 * @param kept what is done as the old program did it
 */
public record ServicePlan(List<VirtualPlan> virtuals, boolean readdQuiescent, Set<OldBehaviour> kept) {
    /** Nothing to do. */
    public static final ServicePlan EMPTY = new ServicePlan(List.of(), false);

    public ServicePlan {
        virtuals = List.copyOf(virtuals);
        kept = Set.copyOf(kept);
        Set<ServiceKey> keys = new HashSet<>();
        for (VirtualPlan virtual : virtuals) {
            if (!keys.add(virtual.service().key())) {
                throw new IllegalArgumentException(
                        "two services for " + virtual.service().key());
            }
        }
    }

    /** A plan that keeps nothing of the old program's. */
    public ServicePlan(List<VirtualPlan> virtuals, boolean readdQuiescent) {
        this(virtuals, readdQuiescent, Set.of());
    }
}
