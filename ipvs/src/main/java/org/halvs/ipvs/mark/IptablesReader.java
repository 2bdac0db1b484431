package org.halvs.ipvs.mark;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.admin.NameService;
import org.halvs.linux.IpAddress;

/**
 * Reads the rules of iptables that set marks before routing: the output of {@code iptables-save}, or the command lines of a script
 * ({@code iptables -t mangle -A PREROUTING … -j MARK --set-mark N}), also mixed.
 *
 * <p>Of the table mangle, chain PREROUTING, rules with target MARK are taken; all other tables and chains are passed over. What a mark rule
 * demands beyond protocol, networks, destination ports and interface (a negation, another match) can't be followed and is a problem, because
 * leaving it out would mark other packets.
 */
public final class IptablesReader {
    private static final long ALL = 0xffffffffL;
    private static final Pattern COUNTERS = Pattern.compile("^\\[[0-9]+:[0-9]+\\]\\s*");
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");

    /**
     * What was read.
     *
     * @param problems one for each line that could not be followed, beginning with the number of the line
     */
    public record Marks(List<MarkRule> rules, List<String> problems) {
        public Marks {
            rules = List.copyOf(rules);
            problems = List.copyOf(problems);
        }
    }

    /** Says what is wrong with a line; never leaves this class. */
    private static final class Unsupported extends Exception {
        private static final long serialVersionUID = 1L;

        Unsupported(String message) {
            super(message, null, false, false);
        }
    }

    /** The rules one line makes, kept together so that {@code -I} can count lines. */
    private final List<List<MarkRule>> chain = new ArrayList<>();

    private final List<String> problems = new ArrayList<>();
    private final NameService names;
    private final IpAddress.Family savedFamily;
    private String savedTable = "";

    private IptablesReader(NameService names, IpAddress.Family savedFamily) {
        this.names = names;
        this.savedFamily = savedFamily;
    }

    /**
     * Reads a whole file.
     *
     * @param savedFamily the family of rules that stand without a command, as {@code iptables-save} or {@code ip6tables-save} writes them
     * @param names for ports given by name
     */
    public static Marks read(String text, IpAddress.Family savedFamily, NameService names) {
        IptablesReader reader = new IptablesReader(names, savedFamily);
        List<String> lines = text.lines().toList();
        int i = 0;
        while (i < lines.size()) {
            int number = i + 1;
            StringBuilder line = new StringBuilder(lines.get(i++).strip());
            // a line goes on after a backslash; manuals print long commands broken before an option
            while (i < lines.size() && (line.toString().endsWith("\\") || continuesCommand(line, lines.get(i)))) {
                if (line.toString().endsWith("\\")) {
                    line.setLength(line.length() - 1);
                }
                line.append(' ').append(lines.get(i++).strip());
            }
            try {
                reader.line(line.toString());
            } catch (Unsupported unsupported) {
                reader.problems.add(number + ": " + unsupported.getMessage());
            }
        }
        return new Marks(reader.chain.stream().flatMap(List::stream).toList(), reader.problems);
    }

    private static boolean continuesCommand(StringBuilder line, String next) {
        return line.toString().contains("iptables ") && next.strip().startsWith("--");
    }

    private void line(String line) throws Unsupported {
        String rule = COUNTERS.matcher(line).replaceFirst("");
        if (rule.isEmpty() || rule.startsWith("#") || rule.startsWith(":") || rule.equals("COMMIT")) {
            return;
        }
        if (rule.startsWith("*")) {
            savedTable = rule.substring(1);
            return;
        }
        List<String> words = words(rule);
        String program = words.getFirst().substring(words.getFirst().lastIndexOf('/') + 1);
        if (program.equals("iptables") || program.equals("ip6tables")) {
            IpAddress.Family family = program.equals("iptables") ? IpAddress.Family.IPV4 : IpAddress.Family.IPV6;
            new Rule(family, "filter").read(words.subList(1, words.size()));
        } else if (rule.startsWith("-")) {
            new Rule(savedFamily, savedTable).read(words);
        }
    }

    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(line);
        while (matcher.find()) {
            words.add(matcher.group().replaceAll("^[\"']|[\"']$", ""));
        }
        return words;
    }

    /** A range of ports. */
    private record Ports(int first, int last) {
        static final Ports EVERY = new Ports(0, 65535);
    }

    /** One rule while it is read. */
    private final class Rule {
        private final IpAddress.Family family;
        private String table;
        private String command = "";
        private String chainName = "";
        private int position;
        private String target = "";
        private int protocol;
        private List<MarkRule.Network> destinations;
        private List<MarkRule.Network> sources;
        private List<String> ports = List.of();
        private Optional<String> interfaceName = Optional.empty();
        private Optional<String> other = Optional.empty();
        private long clear;
        private long flip;

        Rule(IpAddress.Family family, String table) {
            this.family = family;
            this.table = table;
            this.destinations = List.of(MarkRule.Network.all(family));
            this.sources = destinations;
        }

        void read(List<String> words) throws Unsupported {
            for (int i = 0; i < words.size(); i++) {
                String word = words.get(i);
                int values = option(word, i + 1 < words.size() ? words.get(i + 1) : "", words, i);
                i += values;
            }
            if (!table.equals("mangle") || !chainName.equals("PREROUTING")) {
                return;
            }
            switch (command) {
                case "-F", "--flush" -> chain.clear();
                case "-A", "--append" -> chain.add(rules());
                case "-I", "--insert" -> chain.add(Math.min(Math.max(position - 1, 0), chain.size()), rules());
                default -> throw new Unsupported("only -A, -I and -F can be followed, not " + command);
            }
        }

        /** Takes one option; answers how many words after it belong to it. */
        private int option(String word, String value, List<String> words, int at) throws Unsupported {
            switch (word) {
                case "-t", "--table" -> table = value;
                case "-A", "--append", "-D", "--delete", "-F", "--flush", "-P", "--policy", "-N", "-X" -> {
                    command = word;
                    chainName = value;
                }
                case "-I", "--insert" -> {
                    command = word;
                    chainName = value;
                    position = 1;
                    if (at + 2 < words.size() && words.get(at + 2).matches("[0-9]{1,6}")) {
                        position = Integer.parseInt(words.get(at + 2));
                        return 2;
                    }
                }
                case "-p", "--protocol", "--proto" -> protocol = protocol(value);
                case "-d", "--destination", "--dst" -> destinations = networks(value);
                case "-s", "--source", "--src" -> sources = networks(value);
                case "-i", "--in-interface" -> interfaceName = Optional.of(value);
                case "--dport", "--destination-port" -> ports = List.of(value);
                case "--dports", "--destination-ports" -> ports = List.of(value.split(","));
                case "-m", "--match" -> {
                    if (!List.of("tcp", "udp", "sctp", "multiport", "comment", "mark")
                            .contains(value)) {
                        other = other.or(() -> Optional.of("the match " + value));
                    }
                }
                case "--comment", "-c", "--set-counters" -> {
                    // says nothing about packets
                }
                case "-j", "--jump", "-g", "--goto" -> target = value;
                case "--set-mark" -> mark(value, true);
                case "--set-xmark" -> mark(value, false);
                case "--or-mark" -> bits(number(value), number(value));
                case "--and-mark" -> bits(~number(value) & ALL, 0);
                case "--xor-mark" -> bits(0, number(value));
                default -> {
                    other = other.or(() -> Optional.of("\"" + word + "\""));
                    return 0;
                }
            }
            return 1;
        }

        private void mark(String value, boolean set) throws Unsupported {
            int slash = value.indexOf('/');
            long number = number(slash < 0 ? value : value.substring(0, slash));
            long mask = slash < 0 ? ALL : number(value.substring(slash + 1));
            bits(set ? mask | number : mask, number);
        }

        private void bits(long toClear, long toFlip) {
            clear = toClear;
            flip = toFlip;
        }

        private List<MarkRule> rules() throws Unsupported {
            if (!target.equals("MARK")) {
                if (List.of("", "LOG", "NFLOG", "TOS", "DSCP", "TTL", "TCPMSS").contains(target)) {
                    return List.of();
                }
                throw new Unsupported("target " + target
                        + " before or among marks can't be followed; only rules with -j MARK are used");
            }
            if (other.isPresent()) {
                throw new Unsupported("a mark that depends on " + other.get()
                        + " can't be followed; use protocol, networks, destination ports and interface");
            }
            List<Ports> ranges = new ArrayList<>();
            for (String each : ports) {
                ranges.add(ports(each));
            }
            if (ranges.isEmpty()) {
                ranges.add(Ports.EVERY);
            }
            List<MarkRule> rules = new ArrayList<>();
            for (MarkRule.Network source : sources) {
                for (MarkRule.Network destination : destinations) {
                    for (Ports range : ranges) {
                        rules.add(new MarkRule(
                                protocol,
                                destination,
                                source,
                                range.first(),
                                range.last(),
                                interfaceName,
                                clear,
                                flip));
                    }
                }
            }
            return rules;
        }

        private int protocol(String text) throws Unsupported {
            return switch (text.toLowerCase(Locale.ROOT)) {
                case "all", "0" -> 0;
                case "tcp" -> 6;
                case "udp" -> 17;
                case "sctp" -> 132;
                case "icmp" -> 1;
                case "icmpv6", "ipv6-icmp" -> 58;
                case "esp" -> 50;
                case "ah" -> 51;
                case "gre" -> 47;
                default -> {
                    long number = text.matches("[0-9]{1,3}") ? Long.parseLong(text) : -1;
                    if (number < 0 || number > 255) {
                        throw new Unsupported("unknown protocol " + text);
                    }
                    yield (int) number;
                }
            };
        }

        private Ports ports(String text) throws Unsupported {
            int colon = text.indexOf(':');
            String first = colon < 0 ? text : text.substring(0, colon);
            String last = colon < 0 ? text : text.substring(colon + 1);
            int low = first.isEmpty() ? 0 : port(first);
            int high = last.isEmpty() ? 65535 : port(last);
            if (low > high) {
                throw new Unsupported("ports " + text + " are the wrong way round");
            }
            return new Ports(low, high);
        }

        private int port(String text) throws Unsupported {
            if (text.matches("[0-9]{1,5}") && Integer.parseInt(text) <= 65535) {
                return Integer.parseInt(text);
            }
            for (Protocol candidate : Protocol.values()) {
                OptionalInt port = candidate.number() == protocol ? names.port(text, candidate) : OptionalInt.empty();
                if (port.isPresent()) {
                    return port.getAsInt();
                }
            }
            throw new Unsupported("unknown port " + text);
        }

        private List<MarkRule.Network> networks(String text) throws Unsupported {
            List<MarkRule.Network> networks = new ArrayList<>();
            for (String each : text.split(",")) {
                networks.add(network(each));
            }
            return networks;
        }

        private MarkRule.Network network(String text) throws Unsupported {
            int slash = text.indexOf('/');
            String host = slash < 0 ? text : text.substring(0, slash);
            Optional<IpAddress> address = IpAddress.parse(host)
                    .or(() -> family == IpAddress.Family.IPV4 ? names.address(host) : Optional.empty())
                    .filter(found -> found.family() == family);
            if (address.isEmpty()) {
                throw new Unsupported("not an address: " + text);
            }
            int length = slash < 0 ? family.bits() : prefixLength(text.substring(slash + 1));
            return new MarkRule.Network(address.get(), length);
        }

        private int prefixLength(String text) throws Unsupported {
            if (text.matches("[0-9]{1,3}") && Integer.parseInt(text) <= family.bits()) {
                return Integer.parseInt(text);
            }
            Optional<IpAddress> mask = IpAddress.parse(text).filter(IpAddress::isIpv4);
            int ones = mask.map(found -> Integer.numberOfLeadingZeros(~found.ipv4()))
                    .orElse(-1);
            if (ones < 0 || mask.get().ipv4() != (ones == 0 ? 0 : -1 << (32 - ones))) {
                throw new Unsupported("not a netmask: " + text);
            }
            return ones;
        }

        private long number(String text) throws Unsupported {
            try {
                long number = Long.decode(text);
                if (number >= 0 && number <= ALL) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // told below
            }
            throw new Unsupported("not a mark: " + text);
        }
    }
}
