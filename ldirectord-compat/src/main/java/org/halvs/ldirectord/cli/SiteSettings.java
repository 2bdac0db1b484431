package org.halvs.ldirectord.cli;

import java.util.Map;
import java.util.Optional;

/**
 * What a site says about ldirectord outside of its configuration file.
 *
 * @param services words after {@code service =} that the site added, and the programs that do their checks
 * @param plane empty for the kernel where there is an ipvsadm that works, and the forwarding core in the daemon where there is none
 */
public record SiteSettings(Map<String, String> services, Optional<PlaneChoice> plane) {
    public static final SiteSettings NONE = new SiteSettings(Map.of(), Optional.empty());

    public SiteSettings {
        services = Map.copyOf(services);
    }
}
