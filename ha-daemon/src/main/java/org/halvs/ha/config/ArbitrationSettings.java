package org.halvs.ha.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What halvs.yml says about who keeps a group when the nodes do not all hear each other.
 *
 * @param witness the node of ha.cf that votes and never owns anything
 * @param fencingCommand a program of the site that resets the node it gets as its argument
 * @param fencingLimit how long resetting may take, more than zero
 * @param ipmi management controllers by the node they can reset
 * @param stopFailure what a group that can't be stopped leads to: {@code alert}, {@code fence} or {@code reboot}
 */
public record ArbitrationSettings(
        Optional<String> witness,
        Optional<String> fencingCommand,
        Duration fencingLimit,
        Map<String, Ipmi> ipmi,
        String stopFailure) {
    static final List<String> STOP_FAILURES = List.of("alert", "fence", "reboot");

    /** What holds without a file. */
    public static final ArbitrationSettings DEFAULT =
            new ArbitrationSettings(Optional.empty(), Optional.empty(), Duration.ofSeconds(60), Map.of(), "alert");

    /**
     * The management controller of a machine.
     *
     * @param host its address or name
     * @param passwordFile so that no password stands in a list of processes
     */
    public record Ipmi(String host, String user, String passwordFile) {}

    public ArbitrationSettings {
        ipmi = Map.copyOf(ipmi);
    }
}
