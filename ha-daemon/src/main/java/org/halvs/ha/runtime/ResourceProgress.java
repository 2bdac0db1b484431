package org.halvs.ha.runtime;

import java.util.List;
import org.halvs.resource.ActionResult;
import org.halvs.resource.GroupSequence.Action;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;

/** Gets to know of everything that is done, while it is done; called on the thread that does it. */
interface ResourceProgress {
    /**
     * Agents have answered.
     *
     * @param results one for each resource
     */
    void acted(
            ResourceGroup group,
            List<ResourceSpec> resources,
            Action action,
            List<ActionResult> results,
            long tookMillis);
}
