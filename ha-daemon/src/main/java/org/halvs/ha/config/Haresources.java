package org.halvs.ha.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.DidYouMean;
import org.halvs.dialect.Parsed;
import org.halvs.linux.IpAddress;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;

/** Reads haresources: one group a logical line, the preferred node first. */
public final class Haresources {
    /** What heartbeat takes for an address without an agent: it looks no closer than this. */
    private static final Pattern BARE_IPV4 = Pattern.compile("[0-9]*\\.[0-9]*\\.[0-9]*\\.[0-9]*(/.*)?");

    private static final List<String> ADDRESS_AGENTS = List.of("IPaddr", "IPaddr2", "IPv6addr", "IPsrcaddr", "SendArp");

    private final String file;
    private final List<String> nodes;
    private final List<ConfigProblem> problems = new ArrayList<>();
    private final Map<String, ResourceGroup> groups = new LinkedHashMap<>();
    private final Map<String, Integer> addressLines = new LinkedHashMap<>();

    private Haresources(String file, List<String> nodes) {
        this.file = file;
        this.nodes = nodes;
    }

    /**
     * Reads the text of an haresources file.
     *
     * @param file the file as the administrator knows it, for messages
     * @param nodes the nodes of ha.cf; empty when they are not known, so that any node will do
     */
    public static Parsed<List<ResourceGroup>> parse(String file, String text, List<String> nodes) {
        return new Haresources(file, nodes).read(text.lines().toList());
    }

    private Parsed<List<ResourceGroup>> read(List<String> lines) {
        StringBuilder logical = new StringBuilder();
        int begin = 0;
        for (int i = 0; i < lines.size(); i++) {
            boolean continued = begin > 0;
            if (!continued) {
                begin = i + 1;
            }
            boolean more = append(logical, lines.get(i), i + 1, continued);
            if (!more || i == lines.size() - 1) {
                readGroup(begin, logical.toString().strip());
                logical.setLength(0);
                begin = 0;
            }
        }
        return Parsed.of(List.copyOf(groups.values()), problems);
    }

    /** Adds one physical line without its comment. Answers whether the next one continues it. */
    private boolean append(StringBuilder logical, String line, int number, boolean continued) {
        int comment = line.indexOf('#');
        String content = comment < 0 ? line : line.substring(0, comment);
        if (comment >= 0 && continued) {
            // COMPAT: heartbeat strips comments before it joins lines, and so takes these words for resources
            warning(
                    number,
                    "",
                    "heartbeat would take \"#\" and the words behind it for resources, because the line is the continuation of"
                            + " another one; HALVS reads a comment",
                    "move the comment to a line of its own above the group");
        }
        String stripped = content.stripTrailing();
        boolean more = stripped.endsWith("\\");
        if (more && comment < 0 && !line.endsWith("\\")) {
            warning(number, "", "blanks behind the backslash; the line is continued all the same", "delete the blanks");
        }
        logical.append(more ? stripped.substring(0, stripped.length() - 1) : stripped)
                .append(' ');
        return more || (continued && comment >= 0 && line.stripTrailing().endsWith("\\"));
    }

    private void readGroup(int line, String text) {
        if (text.isEmpty()) {
            return;
        }
        List<String> words = Arrays.asList(text.split("\\s+"));
        String node = words.getFirst().toLowerCase(Locale.ROOT);
        if (!nodes.isEmpty() && !nodes.contains(node)) {
            String meant = DidYouMean.among(nodes, node)
                    .map(n -> "did you mean " + n + "?")
                    .orElse("the nodes of ha.cf are " + String.join(", ", nodes));
            error(line, words.getFirst(), "Bad nodename in " + file + " [" + words.getFirst() + "]", meant);
        }
        List<ResourceSpec> resources = new ArrayList<>();
        for (String word : words.subList(1, words.size())) {
            readResource(line, word).ifPresent(resources::add);
        }
        if (words.size() == 1) {
            error(line, node, "a node without resources", "name the resources behind it, or delete the line");
        }
        if (resources.isEmpty()) {
            return;
        }
        ResourceGroup group = new ResourceGroup(node, resources, line);
        ResourceGroup first = groups.putIfAbsent(group.key(), group);
        if (first != null) {
            error(
                    line,
                    group.key(),
                    "line " + first.line() + " begins with the same resource, and groups are called by their first one",
                    "join both lines, or put another resource first");
        }
    }

    private Optional<ResourceSpec> readResource(int line, String word) {
        if (BARE_IPV4.matcher(word).matches()) {
            return checkAddress(line, word, word) ? Optional.of(spec("IPaddr", List.of(word), word)) : Optional.empty();
        }
        if (isIpv6(word)) {
            error(
                    line,
                    word,
                    "heartbeat has no short form for an IPv6 address",
                    "write IPv6addr::" + word + " or IPaddr2::" + word);
            return Optional.empty();
        }
        int separator = word.indexOf("::");
        if (separator < 0) {
            return Optional.of(spec(word, List.of(), word));
        }
        String agent = word.substring(0, separator);
        String rest = word.substring(separator + 2);
        if (agent.isEmpty()) {
            error(line, word, "no agent in front of \"::\"", "write agent::argument");
            return Optional.empty();
        }
        boolean address = ADDRESS_AGENTS.contains(agent);
        if (address && isIpv6(rest)) {
            if (rest.contains("::")) {
                // COMPAT: heartbeat splits at every "::", and so hands the halves of such an address to the agent as
                // two arguments
                problems.add(ConfigProblem.note(
                        file,
                        line,
                        word,
                        "read as one IPv6 address; heartbeat would split it at its \"::\" and the agent would fail"));
            }
            return checkAddress(line, word, rest) ? Optional.of(spec(agent, List.of(rest), word)) : Optional.empty();
        }
        List<String> arguments = Arrays.asList(rest.split("::", -1));
        boolean fine = !address || checkAddress(line, word, arguments.getFirst());
        return fine ? Optional.of(spec(agent, arguments, word)) : Optional.empty();
    }

    private static ResourceSpec spec(String agent, List<String> arguments, String text) {
        return new ResourceSpec(agent, arguments, text);
    }

    private static boolean isIpv6(String text) {
        String address = text.contains("/") ? text.substring(0, text.indexOf('/')) : text;
        return address.indexOf(':') >= 0 && IpAddress.parse(address).isPresent();
    }

    /** Whether the argument of an address agent begins with an address; reports it when not, and warns of an address that is named twice. */
    private boolean checkAddress(int line, String word, String argument) {
        String text = argument.contains("/") ? argument.substring(0, argument.indexOf('/')) : argument;
        Optional<IpAddress> address = IpAddress.parse(text);
        if (address.isEmpty()) {
            error(
                    line,
                    word,
                    "\"" + text + "\" is not an IP address",
                    "write a literal address, as in 192.0.2.1/24/eth0");
            return false;
        }
        if (word.startsWith("IPsrcaddr") || word.startsWith("SendArp")) {
            return true;
        }
        Integer before = addressLines.putIfAbsent(address.get().toString(), line);
        if (before != null && before != line) {
            warning(
                    line,
                    word,
                    address.get() + " is named in line " + before + " already",
                    "an address belongs to one group: two nodes would both have it");
        }
        return true;
    }

    private void error(int line, String directive, String message, String remedy) {
        problems.add(ConfigProblem.error(file, line, directive, message, remedy));
    }

    private void warning(int line, String directive, String message, String remedy) {
        problems.add(ConfigProblem.warning(file, line, directive, message, remedy));
    }
}
