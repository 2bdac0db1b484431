package org.halvs.ha.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.halvs.check.protocol.ClientSettings;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.Parsed;
import org.halvs.ipvs.admin.SystemNameService;
import org.halvs.ipvs.forward.IpvsSettings;
import org.halvs.ipvs.forward.Setting;
import org.halvs.ipvs.mark.MarkRule;
import org.halvs.ldirectord.SiteRules;
import org.halvs.ldirectord.cli.PlaneChoice;
import org.halvs.ldirectord.cli.SiteSettings;

/**
 * What halvs.yml says: all that no old file has a word for.
 *
 * @param settings the kernel's {@code net.ipv4.vs}
 * @param maxConnections how many connections and templates there can be at one time, 1 or more; 120 bytes each, taken as they come
 * @param connectionSync whether connections are kept on the other nodes too
 * @param marks in the order in which they change a packet's mark
 * @param plane what carries the traffic; empty for what is usual: the daemon of a pair does it itself, ldirectord alone leaves it to the kernel
 *     where that can
 * @param rules what holds for all ldirectord.cf files
 * @param clients how checks behave
 * @param resources how resources are looked after
 * @param arbitration who keeps a group when the nodes do not all hear each other
 */
public record HalvsYml(
        IpvsSettings settings,
        int maxConnections,
        boolean connectionSync,
        List<MarkRule> marks,
        Optional<PlaneChoice> plane,
        SiteRules rules,
        ClientSettings clients,
        ResourceSettings resources,
        ArbitrationSettings arbitration) {
    /** The name of the file in the configuration directory. */
    public static final String FILE = "halvs.yml";

    /** Half a gigabyte at the very most. */
    private static final int MAX_CONNECTIONS = 4 << 20;

    /**
     * What holds without a file. The settings are the kernel's but one: a server that is down loses the clients that stick to it. The kernel's
     * default sends them to the dead server until their persistence times out.
     */
    public static final HalvsYml DEFAULT = new HalvsYml(
            IpvsSettings.DEFAULT.with(Setting.EXPIRE_QUIESCENT_TEMPLATE, 1),
            MAX_CONNECTIONS,
            true,
            List.of(),
            Optional.empty(),
            SiteRules.NONE,
            ClientSettings.DEFAULT,
            ResourceSettings.DEFAULT,
            ArbitrationSettings.DEFAULT);

    public HalvsYml {
        marks = List.copyOf(marks);
    }

    /** What of it concerns ldirectord when it runs alone. */
    public SiteSettings standalone() {
        return new SiteSettings(rules, clients, plane, settings, maxConnections, marks);
    }

    /** Whether the kernel's ip_vs carries the traffic of a pair. */
    public boolean kernelForwards() {
        return plane.filter(PlaneChoice.KERNEL::equals).isPresent();
    }

    /** Reads the file of a configuration directory, which need not be there. */
    public static Parsed<HalvsYml> read(Path etc) {
        Path file = etc.resolve(FILE);
        return Files.exists(file) ? readFile(file) : Parsed.of(DEFAULT, List.of());
    }

    /** Reads a file, which has to be there. */
    public static Parsed<HalvsYml> readFile(Path file) {
        try {
            String text = Files.readString(file, StandardCharsets.UTF_8);
            return HalvsYmlReader.read(file, text, new SystemNameService());
        } catch (IOException e) {
            return new Parsed<>(
                    Optional.empty(),
                    List.of(ConfigProblem.error(
                            file.toString(), 0, "", "can't be read: " + e.getMessage(), "it has to be UTF-8 text")));
        }
    }
}
