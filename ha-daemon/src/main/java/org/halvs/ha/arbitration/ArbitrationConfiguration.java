package org.halvs.ha.arbitration;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.halvs.dialect.ConfigProblem;
import org.halvs.ha.config.ArbitrationSettings;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.ha.config.Directive;
import org.halvs.ha.config.HalvsYml;
import org.halvs.ha.takeover.ArbitrationRules;
import org.halvs.ha.takeover.ArbitrationRules.StopFailure;

/** What ha.cf and halvs.yml together say about arbitration. Pure. */
public final class ArbitrationConfiguration {
    private static final int FEWEST_NODES_WITH_WITNESS = 3;

    private final ClusterConfig config;
    private final ArbitrationSettings own;
    private final String localNode;

    /**
     * Nothing is judged yet.
     *
     * @param localNode whom the lines of {@code stonith_host} are for
     */
    public ArbitrationConfiguration(ClusterConfig config, ArbitrationSettings own, String localNode) {
        this.config = config;
        this.own = own;
        this.localNode = localNode;
    }

    /** What of halvs.yml does not fit ha.cf; nothing of it may take effect then. */
    public List<ConfigProblem> problems(Path etc) {
        List<ConfigProblem> problems = new ArrayList<>();
        String file = etc.resolve(HalvsYml.FILE).toString();
        own.witness().ifPresent(witness -> {
            if (!config.nodes().contains(witness)) {
                problems.add(ConfigProblem.error(
                        file, 0, "witness", witness + " is no node of ha.cf", "add it to the node lines on all nodes"));
            } else if (config.nodes().size() < FEWEST_NODES_WITH_WITNESS) {
                problems.add(ConfigProblem.error(
                        file,
                        0,
                        "witness",
                        "a witness is of use with three nodes or more; of two, each would need the other",
                        "add a node line for a third machine, or delete the witness"));
            }
        });
        if (own.stopFailure().equals("fence") && devices().isEmpty()) {
            problems.add(ConfigProblem.error(
                    file,
                    0,
                    "stop_failure",
                    "fence needs something that resets machines",
                    "add fencing here, or stonith_host to ha.cf"));
        }
        own.ipmi().keySet().stream()
                .filter(node -> !config.nodes().contains(node))
                .forEach(node -> problems.add(ConfigProblem.error(
                        file, 0, "ipmi", node + " is no node of ha.cf", "name nodes as ha.cf does")));
        return problems;
    }

    public ArbitrationRules rules() {
        Duration keepalive = config.timing().keepalive();
        return new ArbitrationRules(
                config.pings().size(),
                PingNodes.interval(keepalive).multipliedBy(2),
                keepalive.multipliedBy(2),
                !devices().isEmpty(),
                own.witness(),
                StopFailure.valueOf(own.stopFailure().toUpperCase(Locale.ROOT)));
    }

    /** What resets machines, in the order in which it is looked for: halvs.yml first, then ha.cf, whose last line counts. */
    public List<FenceDevice> devices() {
        List<FenceDevice> devices = new ArrayList<>();
        own.ipmi()
                .forEach((node, controller) -> devices.add(
                        FenceDevice.ipmi(node, controller.host(), controller.user(), controller.passwordFile())));
        own.fencingCommand().ifPresent(program -> devices.add(FenceDevice.program(program)));
        config.directives().reversed().stream()
                .flatMap(line -> device(line).stream())
                .findFirst()
                .ifPresent(devices::add);
        return devices;
    }

    private Optional<FenceDevice> device(Directive line) {
        List<String> words = line.arguments();
        return switch (line.name()) {
            case "stonith" ->
                Optional.of(FenceDevice.stonith(words.getFirst(), words.size() > 1 ? words.get(1) : "/dev/null"));
            case "stonith_host" ->
                words.getFirst().equals("*") || words.getFirst().equalsIgnoreCase(localNode)
                        ? Optional.of(FenceDevice.stonithHost(words.get(1), words.subList(2, words.size())))
                        : Optional.empty();
            default -> Optional.empty();
        };
    }

    public Duration fencingLimit() {
        return own.fencingLimit();
    }

    /** The watchdog device of ha.cf. */
    public Optional<Path> watchdog() {
        return config.directive("watchdog").map(line -> Path.of(line.arguments().getFirst()));
    }
}
