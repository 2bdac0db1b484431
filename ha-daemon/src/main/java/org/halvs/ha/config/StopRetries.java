package org.halvs.ha.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.halvs.resource.GroupSequence;

/**
 * How often a failed stop is tried again, as a site told heartbeat's ResourceManager: by the variable {@value #NAME}, which that script took from
 * {@code shellfuncs}, else from an {@code env} line of ha.cf, else from the environment the daemon was started with.
 */
public final class StopRetries {
    static final String NAME = "HA_STOPRETRYMAX";

    /** {@code HA_STOPRETRYMAX=5}, also as {@code export HA_STOPRETRYMAX=5} or {@code : ${HA_STOPRETRYMAX:=5}}. */
    private static final Pattern ASSIGNMENT = Pattern.compile(
            "^[ \\t]*(?:export[ \\t]+|:[ \\t]+\"?\\$\\{)?" + NAME + ":?=[\"']?([0-9]{1,4})\\b", Pattern.MULTILINE);

    private static final Pattern LINE = Pattern.compile(NAME + "[ \\t=]+[\"']?([0-9]{1,4})[\"']?");

    private StopRetries() {}

    /** As the files in {@code etc} and the environment of this process say; 0 or more. */
    public static int of(ClusterConfig config, Path etc) {
        String shellfuncs = "";
        try {
            shellfuncs = Files.readString(etc.resolve("shellfuncs"), StandardCharsets.ISO_8859_1);
        } catch (IOException _) {
            // a site without heartbeat's scripts has none
        }
        return of(config, System.getenv(), shellfuncs);
    }

    static int of(ClusterConfig config, Map<String, String> environment, String shellfuncs) {
        Stream<OptionalInt> said = Stream.of(
                number(ASSIGNMENT.matcher(shellfuncs)),
                config.directives().reversed().stream()
                        .filter(line -> line.name().equals("env"))
                        .map(line -> number(LINE.matcher(String.join(" ", line.arguments()))))
                        .filter(OptionalInt::isPresent)
                        .findFirst()
                        .orElse(OptionalInt.empty()),
                number(LINE.matcher(
                        NAME + "=" + Optional.ofNullable(environment.get(NAME)).orElse(""))));
        return said.flatMapToInt(OptionalInt::stream).findFirst().orElse(GroupSequence.STOP_RETRIES);
    }

    private static OptionalInt number(Matcher matcher) {
        return matcher.find() ? OptionalInt.of(Integer.parseInt(matcher.group(1))) : OptionalInt.empty();
    }
}
