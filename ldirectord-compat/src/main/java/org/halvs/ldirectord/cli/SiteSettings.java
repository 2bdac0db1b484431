package org.halvs.ldirectord.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.halvs.check.protocol.ClientSettings;
import org.halvs.dialect.Parsed;
import org.halvs.ipvs.forward.IpvsSettings;
import org.halvs.ipvs.forward.Setting;
import org.halvs.ipvs.mark.MarkRule;
import org.halvs.ldirectord.SiteRules;

/**
 * What a site says about ldirectord outside of its configuration file.
 *
 * @param rules what holds for the configuration
 * @param clients how checks behave
 * @param plane empty for the kernel where there is an ipvsadm that works, and the forwarding core in the daemon where there is none
 * @param forwarding the settings of that core
 * @param maxConnections the connections it can have at one time, 1 or more
 * @param marks the marks it gives packets, in order
 */
public record SiteSettings(
        SiteRules rules,
        ClientSettings clients,
        Optional<PlaneChoice> plane,
        IpvsSettings forwarding,
        int maxConnections,
        List<MarkRule> marks) {
    private static final int MAX_CONNECTIONS = 4 << 20;

    /** As the daemon of a pair: a server that is down loses the clients that stick to it. */
    public static final SiteSettings NONE = new SiteSettings(
            SiteRules.NONE,
            ClientSettings.DEFAULT,
            Optional.empty(),
            IpvsSettings.DEFAULT.with(Setting.EXPIRE_QUIESCENT_TEMPLATE, 1),
            MAX_CONNECTIONS,
            List.of());

    /** Where the settings of a site are. */
    @FunctionalInterface
    public interface Source {
        /** Nobody says anything. */
        Source NONE = _ -> Parsed.of(SiteSettings.NONE, List.of());

        /** Reads the settings that lie in a directory; those without a file when there is none. */
        Parsed<SiteSettings> read(Path directory);
    }

    public SiteSettings {
        marks = List.copyOf(marks);
    }
}
