package org.halvs.ha.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.halvs.ha.config.ClusterFiles;
import org.halvs.ha.config.LinuxHostFacts;
import org.halvs.ha.control.Answer;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;

/**
 * {@code ResourceManager}: the questions scripts put to it. Lists come from haresources; whether something runs, from the daemon. It moves nothing:
 * a group that was started behind the daemon's back would run on two nodes.
 */
final class ResourceManagerProgram {
    private static final String NAME = "ResourceManager";

    private ResourceManagerProgram() {}

    static int run(List<String> words) {
        String verb = words.isEmpty() ? "" : words.getFirst();
        String what = words.size() < 2 ? "" : words.get(1);
        String local = new LinuxHostFacts().nodeName().orElse("");
        return switch (verb) {
            case "listkeys" -> keys(what);
            case "allkeys" -> keys(".*");
            case "ourkeys" -> lines(group -> group.preferredNode().equalsIgnoreCase(local));
            case "otherkeys" -> lines(group -> !group.preferredNode().equalsIgnoreCase(local));
            case "status", "statgroup" -> status(verb, what);
            case "takegroup", "givegroup" -> refuse(verb);
            case "verifyallidle" -> idle();
            default -> usage();
        };
    }

    private static List<ResourceGroup> groups() {
        Path file = new Directories().etc().resolve("haresources");
        return ClusterFiles.haresources(file, List.of()).value().orElse(List.of());
    }

    /** The first resource of each group whose node a pattern matches, as {@code grep -i "^PATTERN "} would. */
    private static int keys(String pattern) {
        try {
            Pattern node = Pattern.compile(pattern, Pattern.CASE_INSENSITIVE);
            groups().stream()
                    .filter(group -> node.matcher(group.preferredNode()).matches())
                    .forEach(group -> System.out.println(group.key()));
        } catch (PatternSyntaxException _) {
            // nothing is of that name
        }
        return 0;
    }

    /** All resources of each group, a blank behind each, as it ever was. */
    private static int lines(Predicate<ResourceGroup> which) {
        groups().stream().filter(which).forEach(group -> {
            StringBuilder line = new StringBuilder();
            group.resources().stream()
                    .map(ResourceSpec::text)
                    .forEach(text -> line.append(text).append(' '));
            System.out.println(line);
        });
        return 0;
    }

    private static int status(String verb, String what) {
        return HeartbeatConsole.print(
                HeartbeatConsole.ask("resource", List.of(verb, what)).orElseGet(HeartbeatConsole::absent));
    }

    private static int refuse(String verb) {
        System.err.println("halvs: " + verb
                + " is not done: the daemon alone starts and stops groups; use hb_takeover or hb_standby");
        return 1;
    }

    /** What the init script asked before it started heartbeat: nothing of a group may run yet. */
    private static int idle() {
        int active = 0;
        for (ResourceGroup group : groups()) {
            for (ResourceSpec resource : group.resources()) {
                Optional<Answer> answer = HeartbeatConsole.ask("resource", List.of("status", resource.text()));
                if (answer.isEmpty()) {
                    return HeartbeatConsole.print(HeartbeatConsole.absent());
                }
                if (answer.get().exit() == 0) {
                    active++;
                    System.err.println("CRITICAL: Resource " + resource.text() + " is active, and should not be!");
                    System.err.println("CRITICAL: Non-idle resources can affect data integrity!");
                }
            }
        }
        return active;
    }

    private static int usage() {
        System.err.println("usage: " + HeartbeatConsole.calledAs(NAME)
                + " listkeys machine | takegroup key | givegroup key|status resource\n");
        return 1;
    }
}
