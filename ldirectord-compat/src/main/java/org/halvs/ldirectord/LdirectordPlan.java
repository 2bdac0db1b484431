package org.halvs.ldirectord;

import java.util.List;
import org.halvs.director.ServicePlan;

/**
 * What a valid ldirectord.cf asks for.
 *
 * @param virtualOptions one for each virtual service of the plan, in the same order
 */
public record LdirectordPlan(ServicePlan services, LdirectordOptions options, List<VirtualOptions> virtualOptions) {
    public LdirectordPlan {
        virtualOptions = List.copyOf(virtualOptions);
    }
}
