package org.halvs.ha.takeover;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.resource.ResourceGroup;

/**
 * What the configuration says about ownership; the same on all nodes. Immutable.
 *
 * @param nodes in the order of ha.cf, which settles every tie
 * @param returnsHome whether a group goes back to its preferred node when that one returns (auto_failback)
 * @param initdead how long a starting node waits for nodes it has not seen before it takes anything
 * @param groups in the order of haresources
 */
public record TakeoverRules(
        List<String> nodes,
        boolean returnsHome,
        Duration initdead,
        List<ResourceGroup> groups,
        ArbitrationRules arbitration) {
    /** The part of the configuration that says how many ping nodes there are; nodes that differ in it are not compared by what they reach. */
    static final String PING_LINES = "number of ping lines of ha.cf";

    public TakeoverRules {
        nodes = List.copyOf(nodes);
        groups = List.copyOf(groups);
    }

    /** Rules without ping nodes, fencing and witness. */
    public TakeoverRules(List<String> nodes, boolean returnsHome, Duration initdead, List<ResourceGroup> groups) {
        this(nodes, returnsHome, initdead, groups, ArbitrationRules.NONE);
    }

    public static TakeoverRules of(ClusterConfig config, List<ResourceGroup> groups, ArbitrationRules arbitration) {
        return new TakeoverRules(
                config.nodes(),
                config.autoFailback().returnsHome(),
                config.timing().initdead(),
                groups,
                arbitration);
    }

    /** Whether {@code node} votes only. */
    boolean isWitness(String node) {
        return arbitration.witness().filter(node::equals).isPresent();
    }

    public Optional<ResourceGroup> group(String key) {
        return groups.stream().filter(g -> g.key().equals(key)).findFirst();
    }

    /** Equal on nodes that agree on nodes, auto_failback, the witness and haresources; while nodes disagree, nothing goes home. */
    public long configHash() {
        return hash(fingerprints().toString());
    }

    /** A number for each part of the configuration that has to be the same on all nodes. */
    public Map<String, Long> fingerprints() {
        StringBuilder lines = new StringBuilder();
        for (ResourceGroup group : groups) {
            lines.append(group.preferredNode())
                    .append(' ')
                    .append(group.resources())
                    .append('\n');
        }
        Map<String, Long> parts = new TreeMap<>();
        parts.put("node lines of ha.cf", hash(nodes.toString()));
        parts.put("auto_failback of ha.cf", returnsHome ? 1L : 0L);
        parts.put("witness of halvs.yml", hash(arbitration.witness().orElse("")));
        parts.put(PING_LINES, (long) arbitration.pingNodes());
        parts.put("haresources", hash(lines.toString()));
        return parts;
    }

    /** The first eight bytes of the text's SHA-256. */
    public static long hash(String text) {
        byte[] digest = sha256().digest(text.getBytes(StandardCharsets.UTF_8));
        return java.nio.ByteBuffer.wrap(digest).getLong();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
