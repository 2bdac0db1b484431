package org.halvs.ha.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.halvs.dialect.ConfigProblem;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.admin.NameService;
import org.halvs.ipvs.mark.IptablesReader;
import org.halvs.ipvs.mark.MarkRule;
import org.halvs.linux.IpAddress;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** The sections {@code marks} and {@code marks_from} of halvs.yml. Confined to one thread. */
final class YamlMarks {
    private static final List<String> KEYS = List.of("mark", "protocol", "destination", "ports", "source", "interface");
    private static final long HIGHEST_MARK = 0xffffffffL;
    private static final int HIGHEST_PORT = 65535;
    private static final Pattern LINE = Pattern.compile("(\\d+): (.*)", Pattern.DOTALL);

    private final Path file;
    private final YamlProblems problems;
    private final NameService names;
    private final List<MarkRule> rules = new ArrayList<>();

    YamlMarks(Path file, YamlProblems problems, NameService names) {
        this.file = file;
        this.problems = problems;
        this.names = names;
    }

    List<MarkRule> rules() {
        return List.copyOf(rules);
    }

    private record Ports(int first, int last) {
        static final Ports ALL = new Ports(0, HIGHEST_PORT);
    }

    /** One element of {@code marks} as it is being read. */
    private static final class Draft {
        long mark;
        int protocol;
        boolean to;
        List<MarkRule.Network> destinations = new ArrayList<>();
        List<Ports> ports = new ArrayList<>();
        Optional<MarkRule.Network> source = Optional.empty();
        Optional<String> interfaceName = Optional.empty();
    }

    /** Reads the section {@code marks}. */
    void rules(Node section) {
        for (Node element : problems.list(section)) {
            Draft draft = new Draft();
            Map<ScalarNode, Node> keys = problems.mapping(element, "marks", "a list of " + String.join(", ", KEYS));
            keys.entrySet().stream()
                    .filter(entry -> entry.getKey().getValue().equals("protocol"))
                    .forEach(entry -> protocol(draft, entry.getValue())); // what names of ports mean depends on it
            keys.forEach((key, value) -> key(draft, key, value));
            finish(draft, element);
        }
    }

    private void key(Draft draft, ScalarNode key, Node value) {
        String word = key.getValue();
        switch (word) {
            case "mark" ->
                draft.mark = problems.number(value, word, 1, HIGHEST_MARK).orElse(-1L);
            case "protocol" -> {} // read first
            case "destination" -> {
                draft.to = true;
                problems.list(value).forEach(each -> network(each, word).ifPresent(draft.destinations::add));
            }
            case "ports" ->
                problems.list(value).forEach(each -> ports(each, draft.protocol).ifPresent(draft.ports::add));
            case "source" -> draft.source = network(value, word);
            case "interface" -> draft.interfaceName = problems.text(value, word);
            default -> problems.unknown(key, KEYS);
        }
    }

    private void finish(Draft draft, Node element) {
        if (draft.mark == 0) {
            problems.error(element, "mark", "is missing", "write the number of the service (ipvsadm -f)");
        }
        if (!draft.to) {
            problems.error(element, "destination", "is missing", "write an address, or a network such as 192.0.2.0/24");
        }
        if (!draft.ports.isEmpty() && draft.protocol == 0) {
            problems.error(element, "ports", "without a protocol that has ports", "add protocol: tcp (or udp, sctp)");
        }
        if (draft.mark <= 0 || draft.protocol < 0) {
            return;
        }
        for (MarkRule.Network destination : draft.destinations) {
            IpAddress.Family family = destination.address().family();
            MarkRule.Network source = draft.source.orElse(MarkRule.Network.all(family));
            if (source.address().family() != family) {
                problems.error(element, "source", source + " and " + destination + " are of different families", "");
                continue;
            }
            for (Ports range : draft.ports.isEmpty() ? List.of(Ports.ALL) : draft.ports) {
                rules.add(new MarkRule(
                        draft.protocol,
                        destination,
                        source,
                        range.first,
                        range.last,
                        draft.interfaceName,
                        HIGHEST_MARK,
                        draft.mark));
            }
        }
    }

    private void protocol(Draft draft, Node value) {
        String word = problems.text(value, "protocol").orElse("").toLowerCase(Locale.ROOT);
        draft.protocol = switch (word) {
            case "", "all" -> 0;
            case "tcp" -> Protocol.TCP.number();
            case "udp" -> Protocol.UDP.number();
            case "sctp" -> Protocol.SCTP.number();
            default -> {
                problems.error(value, "protocol", "\"" + word + "\" is not tcp, udp, sctp or all", "");
                yield -1;
            }
        };
    }

    private Optional<MarkRule.Network> network(Node node, String directive) {
        Optional<String> text = problems.text(node, directive);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        String[] parts = text.get().split("/", -1);
        Optional<IpAddress> address = IpAddress.parse(parts[0]);
        if (address.isPresent() && parts.length <= 2) {
            int bits = address.get().family().bits();
            OptionalInt length = parts.length == 1 ? OptionalInt.of(bits) : number(parts[1], bits);
            if (length.isPresent()) {
                return Optional.of(new MarkRule.Network(address.get(), length.getAsInt()));
            }
        }
        problems.error(
                node,
                directive,
                "\"" + text.get() + "\" is no address and no network",
                "write it as 192.0.2.1 or 192.0.2.0/24, IPv6 in quotes: \"2001:db8::/64\"");
        return Optional.empty();
    }

    /** {@code 80}, {@code http}, {@code 8000-8010}. */
    private Optional<Ports> ports(Node node, int protocol) {
        Optional<String> text = problems.text(node, "ports");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        String[] ends = text.get().matches("[0-9]+-[0-9]+") ? text.get().split("-") : new String[] {text.get()};
        OptionalInt first = port(ends[0], protocol);
        OptionalInt last = port(ends[ends.length - 1], protocol);
        if (first.isPresent() && last.isPresent() && first.getAsInt() <= last.getAsInt()) {
            return Optional.of(new Ports(first.getAsInt(), last.getAsInt()));
        }
        problems.error(
                node,
                "ports",
                "\"" + text.get() + "\" is no port and no range of ports",
                "write a number of 0 to 65535, a name of /etc/services, 8000-8010, or a list: [80, 443]");
        return Optional.empty();
    }

    private OptionalInt port(String text, int protocol) {
        OptionalInt number = number(text, HIGHEST_PORT);
        Protocol named = protocol == Protocol.UDP.number()
                ? Protocol.UDP
                : protocol == Protocol.SCTP.number() ? Protocol.SCTP : Protocol.TCP;
        return number.isPresent() ? number : names.port(text, named);
    }

    private static OptionalInt number(String text, int highest) {
        try {
            int number = Integer.parseInt(text);
            return number >= 0 && number <= highest ? OptionalInt.of(number) : OptionalInt.empty();
        } catch (NumberFormatException _) {
            return OptionalInt.empty();
        }
    }

    /** Reads the section {@code marks_from}: files of iptables rules, beside halvs.yml or with their full path. */
    void files(Node section) {
        for (Node element : problems.list(section)) {
            problems.text(element, "marks_from").ifPresent(name -> rulesFile(element, file.resolveSibling(name)));
        }
    }

    private void rulesFile(Node element, Path rulesFile) {
        String text;
        try {
            text = Files.readString(rulesFile, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            problems.error(element, "marks_from", rulesFile + " can't be read: " + e.getMessage(), "");
            return;
        }
        IptablesReader.Marks marks = IptablesReader.read(text, family(rulesFile, text), names);
        for (String problem : marks.problems()) {
            Matcher parts = LINE.matcher(problem);
            problems.add(
                    parts.matches()
                            ? ConfigProblem.error(
                                    rulesFile.toString(), Integer.parseInt(parts.group(1)), "", parts.group(2), "")
                            : ConfigProblem.error(rulesFile.toString(), 0, "", problem, ""));
        }
        if (marks.rules().isEmpty() && marks.problems().isEmpty()) {
            problems.add(ConfigProblem.warning(
                    rulesFile.toString(),
                    0,
                    "",
                    "has no rule that sets a mark in the chain PREROUTING of the table mangle",
                    "take it out of marks_from"));
        }
        rules.addAll(marks.rules());
    }

    /** What ip6tables-save writes looks like what iptables-save writes, but for its first line and, as a rule, the name of the file. */
    private static IpAddress.Family family(Path rulesFile, String text) {
        boolean ipv6 =
                text.contains("Generated by ip6tables") || rulesFile.toString().contains("ip6tables");
        return ipv6 ? IpAddress.Family.IPV6 : IpAddress.Family.IPV4;
    }
}
