package org.halvs.ha.heartbeat;

import java.util.List;
import java.util.Optional;
import org.halvs.ha.heartbeat.ClusterFacts.Kind;
import org.halvs.ha.heartbeat.ClusterFacts.Link;
import org.halvs.ha.heartbeat.ClusterFacts.Node;

/**
 * {@code cl_status}: what heartbeat's program of that name prints and how it ends. Error lines that begin with {@code ERROR:} are those it
 * logs, so that a time, the host and its process come before them ({@link HeartbeatStamp}).
 */
public final class ClStatus {
    private static final int NO = 1;
    private static final int BAD_PARAMETER = 11;
    /** What its alarm ends it with when nobody answers. */
    public static final int TIMEOUT = 12;

    private static final int UNKNOWN_ERROR = 13;

    private static final String USAGE = """
            Usage: cl_status <sub-command> [<options>] [<parameters>]

            Sub-commands:
            clientstatus <node-name> <client-id> [<timeout>]
            \tShow the status of heartbeat clients.
            hblinkstatus <node-name> <link-name>
            \tShow the status of a heartbeat link
            hbstatus
            \tIndicate if heartbeat is running on the local system.
            \tOptions:
            \t\t-v\tverbose: also add "listnodes -v" output
            listnodes [<option>]
            \tList the nodes in the cluster.
            \tOptions:
            \t\t-p\tlist only 'ping' type nodes
            \t\t-n\tlist only 'normal' type nodes
            \t\t-v\tverbose: also list type and status,
            \t\t\tthen add "listhblinks -v" output
            listhblinks <node-name>
            \tList the network interfaces used as hearbeat links.
            \tOptions:
            \t\t-v\tverbose: list link status as well
            nodestatus <node-name>
            \tList the node status.
            nodeweight <node-name>
            \tList the node weight.
            nodesite <node-name>
            \tList the node site.
            nodetype <node-name>
            \tList the nodes of a given type.
            rscstatus
            \tShow the status of cluster resources.
            hbparameter -p <parameter-name>
            \tRetrieve the value of a cluster parameter.
            \tAs for the valid parameter names, please refer to the man page.
            """;

    private static final String NO_CONNECTION = "hb_api_signon: Can't initiate connection to heartbeat";
    private static final String UNKNOWN_NODE = "Error. May be due to incorrect node name\n";

    /** What it prints, and its exit status. */
    public record Output(String out, String error, int exit) {
        private static Output of(String out) {
            return new Output(out, "", 0);
        }

        private static Output failed(int exit, String error) {
            return new Output("", error, exit);
        }
    }

    private final ClusterFacts facts;
    private final ShortOptions options;
    private final boolean human;

    private ClStatus(ClusterFacts facts, ShortOptions options) {
        this.facts = facts;
        this.options = options;
        this.human = options.has('m');
    }

    /**
     * Runs a command line.
     *
     * @param words what was typed behind {@code cl_status}
     * @param facts empty when no daemon runs
     */
    public static Output run(List<String> words, Optional<ClusterFacts> facts) {
        if (words.isEmpty() || words.equals(List.of("-h"))) {
            return Output.of(USAGE);
        }
        String command = words.getFirst();
        String letters = letters(command);
        if (letters.isEmpty()) {
            return Output.failed(BAD_PARAMETER, "ERROR: " + command + ": invalid sub-command.\n");
        }
        ShortOptions options = ShortOptions.read(command, letters, words.subList(1, words.size()));
        if (facts.isEmpty()) {
            return command.equals("hbstatus")
                    ? stopped(options)
                    : refused("Cannot signon with heartbeat", NO_CONNECTION, NO);
        }
        if (!options.complaints().isEmpty() && !command.equals("hbstatus")) {
            // COMPAT: three of them say "code"
            boolean code = List.of("listnodes", "listhblinks", "hbparameter").contains(command);
            return Output.failed(
                    BAD_PARAMETER,
                    options.complaints().getFirst() + "\nERROR: Error: getopt returnedcharacter "
                            + (code ? "code " : "") + "?.\n");
        }
        return new ClStatus(facts.get(), options).answer(command);
    }

    /** The options a command knows; empty for no command. */
    private static String letters(String command) {
        return switch (command) {
            case "hbstatus", "listhblinks" -> "mv";
            case "listnodes" -> "mpnv";
            case "hbparameter" -> "mp:";
            case "nodestatus",
                    "nodeweight",
                    "nodesite",
                    "nodetype",
                    "hblinkstatus",
                    "clientstatus",
                    "rscstatus",
                    "test" -> "m";
            default -> "";
        };
    }

    private static Output stopped(ShortOptions options) {
        String reason = options.has('v') ? "(" + NO_CONNECTION + ")\n" : "";
        return new Output("Heartbeat is stopped on this machine.\n" + reason, complaints(options), NO);
    }

    private static String complaints(ShortOptions options) {
        StringBuilder text = new StringBuilder();
        options.complaints().forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }

    private static Output refused(String what, String reason, int exit) {
        return Output.failed(exit, "ERROR: " + what + "\nERROR: REASON: " + reason + "\n");
    }

    private Output answer(String command) {
        return switch (command) {
            case "hbstatus" -> running();
            case "listnodes" -> Output.of(nodes(options.has('n'), options.has('p'), options.has('v')));
            case "nodestatus" -> ofNode("Not enough parameters.\n", this::status);
            case "nodeweight" -> weight();
            case "nodesite" ->
                ofNode(
                        "Not enough parameters.\n",
                        _ -> Output.of(said("The site of the cluster node " + typed() + " is ", "")));
            case "nodetype" ->
                ofNode(
                        "No enough parameter.\n",
                        node -> Output.of(said(
                                "The node " + typed() + "'s type: ", node.kind().word())));
            case "listhblinks" -> links();
            case "hblinkstatus" -> link();
            case "clientstatus" -> client();
            case "rscstatus" -> Output.of(holding());
            case "hbparameter" -> parameter();
            default -> test();
        };
    }

    private Output running() {
        if (!options.has('v')) {
            return new Output("Heartbeat is running on this machine.\n", complaints(options), 0);
        }
        String head = human
                ? "Heartbeat version " + facts.version() + "\nResources controlled by \"haresources\"\n"
                : "version:\t" + facts.version() + "\nmanaged by:\t\"haresources\"\n";
        return new Output(head + nodes(false, false, true), complaints(options), 0);
    }

    private String nodes(boolean normalOnly, boolean pingOnly, boolean verbose) {
        StringBuilder text = new StringBuilder(human ? "The nodes are as follow:\n" : "");
        for (Node node : facts.nodes()) {
            boolean left = normalOnly != pingOnly && (node.kind() == Kind.NORMAL) == pingOnly;
            if (left) {
                continue;
            }
            if (verbose) {
                text.append("\n%s\t%s\t(nodetype: %s)%n"
                        .formatted(node.name(), node.status(), node.kind().word()));
                text.append(linkLines(node, true));
            } else {
                text.append(node.name()).append('\n');
            }
        }
        return text.toString();
    }

    private String linkLines(Node node, boolean verbose) {
        StringBuilder text = new StringBuilder(human ? "\tthis node has the following heartbeat links:\n" : "");
        for (Link link : node.links()) {
            text.append('\t')
                    .append(link.name())
                    .append(verbose ? "\t" + link.word() : "")
                    .append('\n');
        }
        return text.toString();
    }

    private Output ofNode(String missing, java.util.function.Function<Node, Output> answer) {
        if (options.parameters().isEmpty()) {
            return Output.failed(BAD_PARAMETER, missing);
        }
        return facts.node(options.parameters().getFirst())
                .map(answer)
                .orElseGet(() -> Output.failed(BAD_PARAMETER, UNKNOWN_NODE));
    }

    private Output status(Node node) {
        boolean good = !node.status().equals("dead") && !node.status().equals("init");
        return new Output(said("The cluster node " + typed() + " is ", node.status()), "", good ? 0 : NO);
    }

    private Output weight() {
        Output output = ofNode(
                "Not enough parameters.\n",
                _ -> Output.of(said("The weight of the cluster node " + typed() + " is ", "100")));
        return output.error().equals(UNKNOWN_NODE)
                ? Output.failed(BAD_PARAMETER, "Error. Maybe due to incorrect node name.\n")
                : output;
    }

    /** The node as it was typed, which is how it is printed. */
    private String typed() {
        return options.parameters().getFirst();
    }

    private String said(String before, String word) {
        return (human ? before : "") + word + "\n";
    }

    private Output links() {
        if (options.parameters().isEmpty()) {
            return Output.failed(BAD_PARAMETER, "No enough parameter.\n");
        }
        return facts.node(options.parameters().getFirst())
                .map(node -> Output.of(linkLines(node, options.has('v'))))
                .orElseGet(() -> refused("Cannot start heartbeat link interface walk.", "EINVAL", UNKNOWN_ERROR));
    }

    private Output link() {
        List<String> parameters = options.parameters();
        if (parameters.size() < 2) {
            return Output.failed(BAD_PARAMETER, "No enough parameter.\n");
        }
        return facts.node(parameters.getFirst())
                .flatMap(node -> node.link(parameters.get(1)))
                .map(link -> new Output(
                        said("The node " + typed() + "'s heartbeat link " + link.name() + " is ", link.word()),
                        "",
                        link.up() ? 0 : NO))
                .orElseGet(() -> refused("Cannot get heartbeat link status", "", UNKNOWN_ERROR));
    }

    /** Programs that would speak to heartbeat there are none but ipfail, whose work the daemon does itself. */
    private Output client() {
        List<String> parameters = options.parameters();
        if (parameters.size() < 2) {
            return Output.failed(BAD_PARAMETER, "No enough parameter.\n");
        }
        Optional<Node> node = facts.node(parameters.getFirst());
        String client = parameters.get(1);
        if (node.isEmpty()) {
            return refused("Cannot get heartbeat client " + client + "'s status", "No timely response.", UNKNOWN_ERROR);
        }
        boolean ipfail = client.equals("ipfail")
                && node.get().status().equals("active")
                && facts.config().directives().stream()
                        .anyMatch(line -> line.name().equals("respawn")
                                && line.arguments().stream().anyMatch(word -> word.endsWith("/ipfail")));
        return ipfail ? Output.of("online\n") : new Output("offline\n", "", NO);
    }

    private String holding() {
        String word = facts.holding().word();
        return human ? "This node is holding " + word + " resources.\n" : word + "\n";
    }

    private Output parameter() {
        if (!options.has('p')) {
            return Output.failed(BAD_PARAMETER, "ERROR: parameter name required\n");
        }
        String name = options.given().getOrDefault('p', "");
        Optional<String> value = name.equals("hbversion")
                ? Optional.of(facts.version())
                : HeartbeatParameters.value(facts.config(), name);
        return value.map(text -> Output.of(said("Heartbeat parameter " + name + "'s value: ", text)))
                .orElseGet(() -> refused("Cannot get parameter " + name + "'s value", "", NO));
    }

    private Output test() {
        return Output.of("Dead time: %d%n keeplive time: %d%n mynodeid: %s%n rsc: %s%n"
                .formatted(
                        facts.config().timing().deadtime().toMillis(),
                        facts.config().timing().keepalive().toMillis(),
                        facts.local(),
                        facts.holding().word()));
    }
}
