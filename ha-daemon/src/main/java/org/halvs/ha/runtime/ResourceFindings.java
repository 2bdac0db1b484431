package org.halvs.ha.runtime;

import org.halvs.ha.cluster.GroupOutcome;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;

/** Gets to know what the regular check of a held group found; called on the thread that checks. */
interface ResourceFindings {
    /** A resource behaves in a way somebody should know of; nothing was done. */
    void odd(ResourceGroup group, ResourceSpec resource, String text);

    /** A resource did not run and was started again. */
    void restarted(ResourceGroup group, ResourceSpec resource, String why);

    /** The group does not hold here; it was stopped, with this outcome. */
    void lost(ResourceGroup group, ResourceSpec resource, String why, GroupOutcome stopped);
}
