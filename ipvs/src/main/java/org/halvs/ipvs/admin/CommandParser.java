package org.halvs.ipvs.admin;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Persistence;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerFlag;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.TunnelOptions;
import org.halvs.linux.IpAddress;

/**
 * One command line of ipvsadm 1.31. Options take effect in the order in which they stand and the first wrong one decides the message, so this
 * is a state machine over the words; an object reads one line and is then spent.
 */
public final class CommandParser {
    /** ipvsadm's own default; ipvsadm(8) says 300, the program takes 360. */
    static final int DEFAULT_PERSISTENCE_SECONDS = 360;

    private static final int MAX_SYNC_LENGTH = 65535 - 20 - 8;
    private static final int ONE_IPV4_CLIENT = -1;
    private static final int ONE_IPV6_CLIENT = 128;

    /** Ends the reading of a line; never leaves this class. */
    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient ParsedCommand.Refused answer;

        Refusal(String message, int exitStatus, boolean endsRestore) {
            super(message, null, false, false);
            this.answer = new ParsedCommand.Refused(message, exitStatus, endsRestore);
        }
    }

    private final ServiceAddressReader addresses;
    private final OptionReader words;
    private final Set<String> topics = new LinkedHashSet<>();
    private final Set<AdminOption> seen = EnumSet.noneOf(AdminOption.class);

    private Optional<Protocol> protocol = Optional.empty();
    private Optional<IpAddress> virtualAddress = Optional.empty();
    private Optional<IpAddress.Family> family = Optional.empty();
    private int virtualPort;
    private long mark;
    private String scheduler = "";
    private String schedulerFlags = "";
    private Optional<Integer> timeoutSeconds = Optional.empty();
    private int netmask = ONE_IPV4_CLIENT;
    private Optional<String> engine = Optional.empty();
    private Optional<IpAddress> serverAddress = Optional.empty();
    private int serverPort;
    private ForwardingMethod method = ForwardingMethod.DIRECT_ROUTE;
    private int weight = 1;
    private int upperThreshold;
    private int lowerThreshold;
    private TunnelOptions.Type tunnelType = TunnelOptions.Type.IPIP;
    private int tunnelPort;
    private String mcastInterface = SyncDaemon.DEFAULT_INTERFACE;
    private int syncId;
    private int syncMaxLength;
    private IpAddress mcastGroup = SyncDaemon.DEFAULT_GROUP;
    private int mcastPort = SyncDaemon.DEFAULT_PORT;
    private int mcastTtl = 1;

    private CommandParser(List<String> arguments, NameService names) {
        this.words = new OptionReader(arguments);
        this.addresses = new ServiceAddressReader(names);
    }

    /**
     * Reads the words after {@code ipvsadm}.
     *
     * @param arguments none at all means: list the table with names
     */
    public static ParsedCommand parse(List<String> arguments, NameService names) {
        if (arguments.isEmpty()) {
            return new ParsedCommand.Accepted(new AdminCommand.Show(ListOptions.PLAIN));
        }
        try {
            return new ParsedCommand.Accepted(new CommandParser(arguments, names).parse());
        } catch (Refusal refusal) {
            return refusal.answer;
        }
    }

    /** What ipvsadm says when it does not even find a command. */
    static ParsedCommand.Refused tryHelp() {
        return new ParsedCommand.Refused("Try `ipvsadm -h' or 'ipvsadm --help' for more information.", 255, true);
    }

    private AdminCommand parse() throws Refusal {
        if (!(words.next() instanceof OptionReader.Item.Option first)) {
            throw noCommand();
        }
        AdminCommand reply = switch (first.option()) {
            case ADD_SERVICE -> {
                finish(CommandRule.ADD_SERVICE);
                yield new AdminCommand.AddService(serviceRequest());
            }
            case EDIT_SERVICE -> {
                finish(CommandRule.EDIT_SERVICE);
                yield new AdminCommand.EditService(serviceRequest());
            }
            case DELETE_SERVICE -> {
                finish(CommandRule.DELETE_SERVICE);
                yield new AdminCommand.DeleteService(requiredKey());
            }
            case CLEAR -> {
                finish(CommandRule.FLUSH);
                yield new AdminCommand.Flush();
            }
            case LIST, LIST_LOWER -> {
                finish(CommandRule.LIST);
                yield new AdminCommand.Show(listOptions());
            }
            case ZERO -> {
                finish(CommandRule.ZERO);
                yield new AdminCommand.Zero(key());
            }
            case ADD_SERVER -> {
                finish(CommandRule.ADD_SERVER);
                yield new AdminCommand.AddServer(requiredKey(), checkedServer());
            }
            case EDIT_SERVER -> {
                finish(CommandRule.EDIT_SERVER);
                yield new AdminCommand.EditServer(requiredKey(), checkedServer());
            }
            case DELETE_SERVER -> {
                finish(CommandRule.DELETE_SERVER);
                yield new AdminCommand.DeleteServer(requiredKey(), server());
            }
            case SET -> setTimeouts();
            case RESTORE -> {
                finish(CommandRule.RESTORE);
                yield new AdminCommand.Restore();
            }
            case SAVE -> {
                finish(CommandRule.SAVE);
                yield new AdminCommand.Save(topics.contains("numeric"));
            }
            case START_DAEMON -> startDaemon(first.value().orElse(""));
            case STOP_DAEMON -> stopDaemon(first.value().orElse(""));
            case HELP -> new AdminCommand.Help();
            case VERSION -> new AdminCommand.Version();
            default -> throw noCommand();
        };
        return reply;
    }

    private static Refusal noCommand() {
        ParsedCommand.Refused tryHelp = tryHelp();
        return new Refusal(tryHelp.message(), tryHelp.exitStatus(), tryHelp.endsRestore());
    }

    private static Refusal refuse(String message) {
        return new Refusal(message, 2, true);
    }

    /** Reads the rest of the line and checks it against the rules of its command. */
    private void finish(CommandRule rule) throws Refusal {
        readOptions();
        finish(rule, 0);
    }

    private void finish(CommandRule rule, int expectedArguments) throws Refusal {
        if (words.leftovers().size() > expectedArguments) {
            throw refuse("unexpected argument " + words.leftovers().get(expectedArguments));
        }
        flags(); // refuses unknown ones before the rules are looked at
        Optional<String> complaint = rule.complaint(topics);
        if (complaint.isPresent()) {
            throw refuse(complaint.get());
        }
    }

    private void readOptions() throws Refusal {
        while (true) {
            switch (words.next()) {
                case OptionReader.Item.Option option -> take(option);
                case OptionReader.Item.Unreadable(String word, String reason) ->
                    throw new Refusal(word + ": " + reason, 255, false);
                case OptionReader.Item.End _ -> {
                    return;
                }
            }
        }
    }

    private void take(OptionReader.Item.Option item) throws Refusal {
        AdminOption option = item.option();
        if (!option.topic().isEmpty() && !topics.add(option.topic())) {
            throw refuse("multiple '" + option.topic() + "' options specified");
        }
        seen.add(option);
        String value = item.value().orElse("");
        switch (option) {
            case TCP_SERVICE -> takeService(value, Protocol.TCP);
            case UDP_SERVICE -> takeService(value, Protocol.UDP);
            case SCTP_SERVICE -> takeService(value, Protocol.SCTP);
            case FWMARK_SERVICE -> takeMark(value);
            case SCHEDULER -> scheduler = value;
            case PERSISTENT ->
                timeoutSeconds = Optional.of(item.value().isEmpty() ? DEFAULT_PERSISTENCE_SECONDS : timeout(value, 1));
            case NETMASK -> takeNetmask(value);
            case REAL_SERVER -> takeServer(value);
            case MASQUERADING -> method = ForwardingMethod.MASQUERADE;
            case IPIP -> method = ForwardingMethod.TUNNEL;
            case GATEWAYING -> method = ForwardingMethod.DIRECT_ROUTE;
            case WEIGHT -> weight = number(value, 0, Integer.MAX_VALUE, "illegal weight specified");
            case UPPER_THRESHOLD ->
                upperThreshold = number(value, 0, Integer.MAX_VALUE, "illegal u_threshold specified");
            case LOWER_THRESHOLD ->
                lowerThreshold = number(value, 0, Integer.MAX_VALUE, "illegal l_threshold specified");
            case MCAST_INTERFACE -> mcastInterface = value;
            case SYNC_ID -> syncId = number(value, 0, 255, "illegal syncid specified");
            case IPV6 -> takeIpv6();
            case PE -> engine = value.isEmpty() ? Optional.empty() : Optional.of(value);
            case SCHED_FLAGS -> schedulerFlags = value;
            case MCAST_GROUP -> mcastGroup = group(value);
            case MCAST_PORT -> mcastPort = number(value, 1, 65535, "illegal mcast-port specified");
            case MCAST_TTL -> mcastTtl = number(value, 1, 255, "illegal mcast-ttl specified");
            case SYNC_MAXLEN -> syncMaxLength = number(value, 1, MAX_SYNC_LENGTH, "illegal sync-maxlen specified");
            case TUN_TYPE -> tunnelType = tunnelType(value);
            case TUN_PORT -> tunnelPort = number(value, 1, 65535, "illegal tunnel port specified");
            case CONNECTION,
                    NUMERIC,
                    TIMEOUT,
                    DAEMON,
                    STATS,
                    RATE,
                    THRESHOLDS,
                    PERSISTENT_CONN,
                    NO_SORT,
                    SORT,
                    EXACT,
                    OPS,
                    TUN_INFO,
                    TUN_NOCSUM,
                    TUN_CSUM,
                    TUN_REMCSUM -> {
                // being there is all they say
            }
            case ADD_SERVICE,
                    EDIT_SERVICE,
                    DELETE_SERVICE,
                    CLEAR,
                    LIST,
                    LIST_LOWER,
                    ZERO,
                    ADD_SERVER,
                    EDIT_SERVER,
                    DELETE_SERVER,
                    SET,
                    HELP,
                    VERSION,
                    RESTORE,
                    SAVE,
                    START_DAEMON,
                    STOP_DAEMON -> throw refuse("invalid option `" + item.word() + "'");
        }
    }

    private void takeService(String text, Protocol newProtocol) throws Refusal {
        protocol = Optional.of(newProtocol);
        ServiceAddressReader.HostPort read = addresses
                .read(text, protocol)
                .orElseThrow(() -> refuse("illegal virtual server address[:port] specified"));
        virtualAddress = Optional.of(read.address());
        virtualPort = read.port().orElse(0);
        family = Optional.of(read.address().family());
        if (!read.address().isIpv4()) {
            netmask = ONE_IPV6_CLIENT;
        }
    }

    private void takeMark(String text) throws Refusal {
        family = Optional.of(IpAddress.Family.IPV4);
        protocol = Optional.of(Protocol.TCP); // only for names of ports
        mark = CText.mark(text).orElseThrow(() -> refuse("invalid fwmark value `" + text + "' specified"));
    }

    private void takeIpv6() throws Refusal {
        if (mark == 0) {
            throw refuse("-6 used before -f\n");
        }
        family = Optional.of(IpAddress.Family.IPV6);
        netmask = ONE_IPV6_CLIENT;
    }

    private void takeNetmask(String text) throws Refusal {
        if (family.equals(Optional.of(IpAddress.Family.IPV6))) {
            netmask = CText.leadingNumber(text);
            if (netmask < 1 || netmask > ONE_IPV6_CLIENT) {
                throw refuse("illegal ipv6 netmask specified");
            }
            return;
        }
        // COMPAT: any address is a mask, 300 (0.0.1.44) among others
        netmask = addresses
                .ipv4(text)
                .map(IpAddress::ipv4)
                .orElseThrow(() -> refuse("illegal virtual server persistent mask specified"));
    }

    private void takeServer(String text) throws Refusal {
        ServiceAddressReader.HostPort read = addresses
                .read(text, protocol)
                .orElseThrow(() -> refuse("illegal real server address[:port] specified"));
        serverAddress = Optional.of(read.address());
        serverPort = read.port().orElse(virtualPort);
    }

    private static IpAddress group(String text) throws Refusal {
        String version = text.indexOf(':') >= 0 ? "IPv6" : "IPv4";
        return IpAddress.parse(text)
                .filter(IpAddress::isMulticast)
                .orElseThrow(() -> refuse("invalid " + version + " mcast-group `" + text + "'"));
    }

    private static TunnelOptions.Type tunnelType(String text) throws Refusal {
        return switch (text) {
            case "ipip" -> TunnelOptions.Type.IPIP;
            case "gre" -> TunnelOptions.Type.GRE;
            case "gue" -> TunnelOptions.Type.GUE;
            default -> throw refuse("illegal tunnel type specified");
        };
    }

    private static int number(String text, int min, int max, String otherwise) throws Refusal {
        OptionalInt number = CText.number(text, min, max);
        return number.orElseThrow(() -> refuse(otherwise));
    }

    private static int timeout(String text, int min) throws Refusal {
        return number(text, min, Persistence.MAX_TIMEOUT_SECONDS, "invalid timeout value `" + text + "' specified");
    }

    /** The flags after {@code -b}, read once the scheduler is known. */
    private List<SchedulerFlag> flags() throws Refusal {
        List<SchedulerFlag> flags = new ArrayList<>();
        for (String word : schedulerFlags.split(",")) {
            if (!word.isEmpty()) {
                flags.add(flag(word));
            }
        }
        return flags;
    }

    private SchedulerFlag flag(String word) throws Refusal {
        String wanted = word.substring(0, Math.min(2, word.length()));
        SchedulerFlag flag = switch (word) {
            case "flag-1", "sh-fallback", "mh-fallback" -> SchedulerFlag.FLAG_1;
            case "flag-2", "sh-port", "mh-port" -> SchedulerFlag.FLAG_2;
            case "flag-3" -> SchedulerFlag.FLAG_3;
            default -> throw refuse("invalid scheduler flag `" + word + "'");
        };
        if (!word.startsWith("flag-") && !scheduler.equals(wanted)) {
            throw refuse("incompatible scheduler flag `" + word + "'");
        }
        return flag;
    }

    private Optional<ServiceKey> key() {
        if (mark != 0) {
            return Optional.of(new ServiceKey.FirewallMark(family.orElse(IpAddress.Family.IPV4), mark));
        }
        return virtualAddress.map(
                address -> new ServiceKey.AddressKey(protocol.orElse(Protocol.TCP), address, virtualPort));
    }

    private ServiceKey requiredKey() {
        return key().orElseThrow(() -> new AssertionError("the rules of the command require a service"));
    }

    private ServiceRequest serviceRequest() throws Refusal {
        if (mark == 0 && virtualPort == 0 && timeoutSeconds.isEmpty()) {
            throw refuse("Zero port specified for non-persistent service");
        }
        boolean onePacket = topics.contains("ops");
        if (onePacket && mark == 0 && !protocol.equals(Optional.of(Protocol.UDP))) {
            throw refuse("One-Packet Scheduling is only for UDP virtual services");
        }
        return new ServiceRequest(
                requiredKey(),
                scheduler.isEmpty() ? SchedulerKind.WLC.word() : scheduler,
                flags(),
                timeoutSeconds,
                netmask,
                engine,
                onePacket);
    }

    /** The server to add or edit: DR and TUN servers get the port of the service, whatever the line says, unless it is a mark. */
    private RealServer checkedServer() throws Refusal {
        if (mark == 0 && method != ForwardingMethod.MASQUERADE) {
            serverPort = virtualPort;
        }
        RealServer server = server();
        if (method != ForwardingMethod.TUNNEL) {
            if (!family.equals(Optional.of(server.address().family()))) {
                throw refuse("Different address family is allowed only for tunneling servers");
            }
            if (topics.stream().anyMatch(topic -> topic.startsWith("tun-"))) {
                throw refuse("Tunnel options conflict with forward method");
            }
        }
        checkTunnelOptions();
        return server;
    }

    private void checkTunnelOptions() throws Refusal {
        boolean gue = tunnelType == TunnelOptions.Type.GUE;
        if (gue && !topics.contains("tun-port")) {
            throw refuse("You need to supply the 'tun-port' option for the 'gue' tunnel type");
        }
        String earlier = "";
        for (String topic : List.of("tun-port", "tun-nocsum", "tun-csum", "tun-remcsum")) {
            boolean port = topic.equals("tun-port");
            if (!topics.contains(topic) || port && gue) {
                continue;
            }
            String type = tunnelWord(tunnelType);
            boolean legal = gue || tunnelType == TunnelOptions.Type.GRE && !port && !topic.equals("tun-remcsum");
            if (!legal) {
                throw refuse("Illegal '" + topic + "' option with the '" + type + "' tunnel type");
            }
            if (!earlier.isEmpty()) {
                throw refuse("The option '" + topic + "' conflicts with the '" + earlier + "' option in the '" + type
                        + "' tunnel type");
            }
            earlier = topic;
        }
    }

    /** The word after {@code --tun-type}. */
    static String tunnelWord(TunnelOptions.Type type) {
        return switch (type) {
            case IPIP -> "ipip";
            case GRE -> "gre";
            case GUE -> "gue";
        };
    }

    private RealServer server() {
        TunnelOptions.Checksum checksum = topics.contains("tun-remcsum")
                ? TunnelOptions.Checksum.REMOTE
                : topics.contains("tun-csum") ? TunnelOptions.Checksum.FULL : TunnelOptions.Checksum.NONE;
        return new RealServer(
                serverAddress.orElseThrow(() -> new AssertionError("the rules of the command require a server")),
                serverPort,
                method,
                weight,
                upperThreshold,
                lowerThreshold,
                new TunnelOptions(tunnelType, tunnelPort, checksum));
    }

    private ListOptions listOptions() throws Refusal {
        boolean table = !seen.contains(AdminOption.CONNECTION)
                && !seen.contains(AdminOption.TIMEOUT)
                && !seen.contains(AdminOption.DAEMON);
        boolean figures = seen.contains(AdminOption.STATS)
                || seen.contains(AdminOption.RATE)
                || seen.contains(AdminOption.THRESHOLDS);
        boolean persistence = seen.contains(AdminOption.PERSISTENT_CONN);
        if (!table && (figures || persistence && !seen.contains(AdminOption.CONNECTION))) {
            throw refuse("options conflicts in the list command");
        }
        return new ListOptions(
                subject(),
                key(),
                seen.contains(AdminOption.NUMERIC),
                figures(),
                persistence,
                seen.contains(AdminOption.EXACT),
                !seen.contains(AdminOption.NO_SORT));
    }

    private ListOptions.Subject subject() {
        if (seen.contains(AdminOption.CONNECTION)) {
            return ListOptions.Subject.CONNECTIONS;
        }
        if (seen.contains(AdminOption.TIMEOUT)) {
            return ListOptions.Subject.TIMEOUTS;
        }
        return seen.contains(AdminOption.DAEMON) ? ListOptions.Subject.DAEMONS : ListOptions.Subject.TABLE;
    }

    private ListOptions.Figures figures() {
        if (seen.contains(AdminOption.STATS)) {
            return ListOptions.Figures.STATS;
        }
        if (seen.contains(AdminOption.RATE)) {
            return ListOptions.Figures.RATE;
        }
        if (seen.contains(AdminOption.THRESHOLDS)) {
            return ListOptions.Figures.THRESHOLDS;
        }
        if (seen.contains(AdminOption.PERSISTENT_CONN)) {
            return ListOptions.Figures.PERSISTENT;
        }
        return seen.contains(AdminOption.TUN_INFO) ? ListOptions.Figures.TUNNEL : ListOptions.Figures.CONNECTIONS;
    }

    private AdminCommand setTimeouts() throws Refusal {
        readOptions();
        List<String> values = words.leftovers();
        if (values.size() < 3) {
            throw refuse("--set option requires 3 timeout values");
        }
        AdminCommand command = new AdminCommand.SetTimeouts(
                timeout(values.get(0), 0), timeout(values.get(1), 0), timeout(values.get(2), 0));
        finish(CommandRule.SET, 3);
        return command;
    }

    private AdminCommand startDaemon(String word) throws Refusal {
        SyncDaemon.Role role = role(word, "illegal start-daemon parameter specified");
        finish(CommandRule.START_DAEMON);
        return new AdminCommand.StartDaemon(new SyncDaemon(
                role,
                mcastInterface,
                syncId,
                SyncDaemon.messageLength(role, mcastGroup, syncMaxLength),
                mcastGroup,
                mcastPort,
                mcastTtl));
    }

    private AdminCommand stopDaemon(String word) throws Refusal {
        SyncDaemon.Role role = role(word, "illegal start_daemon specified");
        finish(CommandRule.STOP_DAEMON);
        return new AdminCommand.StopDaemon(role);
    }

    private static SyncDaemon.Role role(String word, String otherwise) throws Refusal {
        return switch (word) {
            case "master" -> SyncDaemon.Role.MASTER;
            case "backup" -> SyncDaemon.Role.BACKUP;
            default -> throw refuse(otherwise);
        };
    }
}
