package org.halvs.piranha;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.Parsed;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ldirectord.NameService;
import org.halvs.linux.IpAddress;
import org.halvs.piranha.LvsConfig.Failover;
import org.halvs.piranha.LvsConfig.Floating;
import org.halvs.piranha.LvsConfig.IpvsTimeouts;
import org.halvs.piranha.LvsConfig.Probe;
import org.halvs.piranha.LvsConfig.Pulse;
import org.halvs.piranha.LvsConfig.Server;
import org.halvs.piranha.LvsConfig.Virtual;
import org.halvs.piranha.LvsFile.Block;
import org.halvs.piranha.LvsFile.Setting;

/** Reads lvs.cf: the front door of this package. Confined to one thread, like the name service it is given. */
public final class LvsReader {
    private static final int DEFAULT_HEARTBEAT_PORT = 539;
    private static final int DEFAULT_PORT = 80;

    private final LvsValues values;

    public LvsReader(NameService names) {
        this.values = new LvsValues(names);
    }

    /**
     * Reads a file.
     *
     * @param file its name, for the problems
     */
    public LvsReading read(String file, String text) {
        LvsParser parser = new LvsParser(file, values);
        LvsFile lines = parser.parse(text);
        List<ConfigProblem> problems = new ArrayList<>(parser.problems());
        LvsConfig config = new Meaning(file, lines, problems).config();
        return new LvsReading(lines, Parsed.of(config, problems), parser.first());
    }

    /** The settings of one block or of the whole file, the last of each key counting. */
    private final class Scoped {
        private final List<Setting> settings;

        Scoped(List<Setting> settings) {
            this.settings = settings;
        }

        Optional<String> word(LvsKey key) {
            return LvsFile.last(settings, key).map(setting -> LvsTokens.unquoted(setting.value()));
        }

        long number(LvsKey key, long otherwise) {
            return LvsFile.last(settings, key)
                    .map(setting -> LvsValues.integer(setting.value()).orElse(otherwise))
                    .orElse(otherwise);
        }

        int positive(LvsKey key, int otherwise) {
            return Math.clamp(number(key, otherwise), 1, Integer.MAX_VALUE);
        }

        int natural(LvsKey key) {
            return Math.clamp(number(key, 0), 0, Integer.MAX_VALUE);
        }

        boolean yes(LvsKey key, boolean otherwise) {
            return number(key, otherwise ? 1 : 0) != 0;
        }

        Optional<IpAddress> host(LvsKey key) {
            return LvsFile.last(settings, key).flatMap(setting -> values.host(setting.value()));
        }

        Optional<Floating> floating(LvsKey key, LvsKey netmask) {
            Optional<Setting> setting = LvsFile.last(settings, key);
            Optional<IpAddress> address = host(key);
            if (setting.isEmpty() || address.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(new Floating(
                    address.get(),
                    setting.get().values().getLast(),
                    word(netmask).flatMap(LvsValues::mask)));
        }

        OptionalInt port(LvsKey key) {
            Optional<Setting> setting = LvsFile.last(settings, key);
            return setting.isEmpty()
                    ? OptionalInt.empty()
                    : values.port(setting.get().value());
        }

        Probe probe() {
            return new Probe(
                    LvsTokens.resolved(word(LvsKey.SEND).orElse("")),
                    LvsTokens.resolved(word(LvsKey.EXPECT).orElse("")),
                    yes(LvsKey.USE_REGEX, false),
                    word(LvsKey.SEND_PROGRAM).orElse(""));
        }
    }

    /** What the lines mean. Confined to one reading. */
    private final class Meaning {
        private final String file;
        private final LvsFile lines;
        private final List<ConfigProblem> problems;

        Meaning(String file, LvsFile lines, List<ConfigProblem> problems) {
            this.file = file;
            this.lines = lines;
            this.problems = problems;
        }

        LvsConfig config() {
            Scoped global = new Scoped(lines.globals());
            List<Virtual> virtuals = new ArrayList<>();
            List<Failover> failovers = new ArrayList<>();
            for (Block block : lines.blocks()) {
                if (block.failover()) {
                    failovers.add(failover(block));
                } else {
                    virtuals.add(virtual(block));
                }
            }
            return new LvsConfig(
                    pulse(global),
                    method(global.word(LvsKey.NETWORK).orElse("nat")),
                    new IpvsTimeouts(
                            global.natural(LvsKey.TCP_TIMEOUT),
                            global.natural(LvsKey.TCPFIN_TIMEOUT),
                            global.natural(LvsKey.UDP_TIMEOUT)),
                    virtuals,
                    failovers);
        }

        private static ForwardingMethod method(String network) {
            return switch (network) {
                case "direct" -> ForwardingMethod.DIRECT_ROUTE;
                case "tunnel" -> ForwardingMethod.TUNNEL;
                default -> ForwardingMethod.MASQUERADE;
            };
        }

        private Pulse pulse(Scoped global) {
            boolean backupActive = global.yes(LvsKey.BACKUP_ACTIVE, false);
            Optional<IpAddress> backup = global.host(LvsKey.BACKUP);
            if (backupActive && backup.isEmpty()) {
                warning(
                        LvsKey.BACKUP_ACTIVE,
                        lines.globals(),
                        "Undefined backup node marked as active? -- clearing that!",
                        "add backup = ADDRESS");
                backupActive = false;
            }
            // COMPAT: without a private address of the primary there is one path, whatever the backup says
            boolean twoPaths = global.host(LvsKey.PRIMARY_PRIVATE).isPresent();
            return new Pulse(
                    (int) global.number(LvsKey.SERIAL_NO, 0),
                    global.word(LvsKey.SERVICE).filter("fos"::equals).isPresent(),
                    global.host(LvsKey.PRIMARY),
                    global.host(LvsKey.PRIMARY_PRIVATE),
                    backup,
                    twoPaths ? global.host(LvsKey.BACKUP_PRIVATE) : Optional.empty(),
                    backupActive,
                    global.yes(LvsKey.HEARTBEAT, false),
                    Math.max(1, global.port(LvsKey.HEARTBEAT_PORT).orElse(DEFAULT_HEARTBEAT_PORT)),
                    Duration.ofSeconds(global.positive(LvsKey.KEEPALIVE, 2)),
                    Duration.ofSeconds(global.positive(LvsKey.DEADTIME, 5)),
                    global.yes(LvsKey.MONITOR_LINKS, false),
                    global.floating(LvsKey.NAT_ROUTER, LvsKey.NAT_NMASK),
                    global.yes(LvsKey.SYNCDAEMON, false),
                    global.word(LvsKey.SYNCD_IFACE).orElse("eth0"),
                    (int) (global.number(LvsKey.SYNCD_ID, 0) & 0xff),
                    global.yes(LvsKey.HARD_SHUTDOWN, true),
                    global.word(LvsKey.ACTIVE_CMD),
                    global.word(LvsKey.INACTIVE_CMD));
        }

        private Floating address(Scoped scoped) {
            return scoped.floating(LvsKey.ADDRESS, LvsKey.VIP_NMASK)
                    .orElse(new Floating(IpAddress.ANY_IPV4, "", Optional.empty()));
        }

        private Virtual virtual(Block block) {
            Scoped scoped = new Scoped(block.settings());
            int persistent = scoped.natural(LvsKey.PERSISTENT);
            return new Virtual(
                    block.name(),
                    scoped.yes(LvsKey.ACTIVE, false),
                    address(scoped),
                    scoped.port(LvsKey.PORT).orElse(DEFAULT_PORT),
                    scoped.word(LvsKey.PROTOCOL).filter("udp"::equals).isPresent() ? Protocol.UDP : Protocol.TCP,
                    Math.clamp(scoped.number(LvsKey.FWMARK, 0), 0, 0xffffffffL),
                    SchedulerKind.of(scoped.word(LvsKey.SCHEDULER).orElse("wlc"))
                            .orElse(SchedulerKind.WLC),
                    persistent,
                    persistenceMask(block, scoped),
                    Duration.ofSeconds(scoped.positive(LvsKey.TIMEOUT, 10)),
                    Duration.ofSeconds(scoped.positive(LvsKey.REENTRY, 180)),
                    scoped.yes(LvsKey.QUIESCE_SERVER, false),
                    scoped.probe(),
                    scoped.word(LvsKey.LOAD_MONITOR).orElse("none"),
                    scoped.host(LvsKey.SORRY_SERVER),
                    servers(block),
                    block.line());
        }

        /** COMPAT: a mask that is none is passed over, in silence there. */
        private int persistenceMask(Block block, Scoped scoped) {
            Optional<String> written = scoped.word(LvsKey.PMASK);
            Optional<IpAddress> mask = written.flatMap(LvsValues::mask);
            if (written.isPresent() && mask.isEmpty()) {
                warning(
                        LvsKey.PMASK,
                        block.settings(),
                        "no netmask: " + written.get() + "; passed over",
                        "write 255.255.255.0");
            }
            return mask.map(IpAddress::ipv4).orElse(-1);
        }

        /** COMPAT: a server takes the port that the service has at this line of the file. */
        private List<Server> servers(Block block) {
            List<Server> servers = new ArrayList<>();
            int port = DEFAULT_PORT;
            for (LvsFile.Entry entry : block.entries()) {
                switch (entry) {
                    case Setting setting -> {
                        if (setting.key() == LvsKey.PORT) {
                            port = values.port(setting.value()).orElse(port);
                        }
                    }
                    case LvsFile.Server server -> servers.add(server(server, port));
                }
            }
            return servers;
        }

        private Server server(LvsFile.Server server, int inherited) {
            Scoped scoped = new Scoped(server.settings());
            Optional<IpAddress> address = scoped.host(LvsKey.SERVER_ADDRESS);
            boolean active = scoped.yes(LvsKey.SERVER_ACTIVE, false);
            if (address.isEmpty() && active) {
                problems.add(ConfigProblem.warning(
                        file,
                        server.line(),
                        "server",
                        server.name() + " has no address and is left out",
                        "add address = …"));
                active = false;
            }
            return new Server(
                    server.name(),
                    active,
                    address.orElse(IpAddress.ANY_IPV4),
                    Math.clamp(scoped.number(LvsKey.SERVER_PORT, inherited), 0, 65535),
                    Math.clamp(scoped.number(LvsKey.SERVER_WEIGHT, 1), 0, Integer.MAX_VALUE),
                    server.line());
        }

        private Failover failover(Block block) {
            Scoped scoped = new Scoped(block.settings());
            return new Failover(
                    block.name(),
                    scoped.yes(LvsKey.ACTIVE, false),
                    address(scoped),
                    scoped.port(LvsKey.PORT).orElse(DEFAULT_PORT),
                    Duration.ofSeconds(scoped.positive(LvsKey.TIMEOUT, 10)),
                    scoped.probe(),
                    scoped.word(LvsKey.START_CMD).orElse(""),
                    scoped.word(LvsKey.STOP_CMD).orElse(""),
                    block.line());
        }

        private void warning(LvsKey key, List<Setting> settings, String text, String remedy) {
            int line = LvsFile.last(settings, key).map(Setting::line).orElse(0);
            problems.add(ConfigProblem.warning(file, line, key.word(), text, remedy));
        }
    }
}
