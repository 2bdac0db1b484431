package org.halvs.ldirectord;

import java.util.Map;
import java.util.Set;
import org.halvs.director.OldBehaviour;
import org.halvs.director.Recovery;
import org.halvs.director.ServerName;
import org.halvs.ipvs.ServiceKey;

/**
 * What a site says in halvs.yml about all of its ldirectord.cf files.
 *
 * @param services words after {@code service =} that a site has taught its ldirectord, and the programs that do the check, which are called as
 *     external checks are
 * @param recovery of services of which the file itself says nothing
 * @param verified whose certificates are verified
 * @param kept what is done as the old program did it
 */
public record SiteRules(Map<String, String> services, Recovery recovery, Verified verified, Set<OldBehaviour> kept) {
    /** Without a halvs.yml. */
    public static final SiteRules NONE = new SiteRules(Map.of(), Recovery.AT_ONCE, Verified.NONE, Set.of());

    public SiteRules {
        services = Map.copyOf(services);
        kept = Set.copyOf(kept);
    }

    /**
     * The services whose real servers have to show a certificate that holds.
     *
     * @param all whether all are
     * @param services otherwise these, as ldirectord writes them: {@code 192.0.2.10:443}, {@code [2001:db8::1]:443}, or a mark's number
     */
    public record Verified(boolean all, Set<String> services) {
        /** None of them. */
        public static final Verified NONE = new Verified(false, Set.of());

        public Verified {
            services = Set.copyOf(services);
        }

        boolean includes(ServiceKey key) {
            return all || services.contains(ServerName.ofService(key));
        }
    }
}
