package org.halvs.ha.takeover;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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
public record TakeoverRules(List<String> nodes, boolean returnsHome, Duration initdead, List<ResourceGroup> groups) {
    public TakeoverRules {
        nodes = List.copyOf(nodes);
        groups = List.copyOf(groups);
    }

    public static TakeoverRules of(ClusterConfig config, List<ResourceGroup> groups) {
        return new TakeoverRules(
                config.nodes(),
                config.autoFailback().returnsHome(),
                config.timing().initdead(),
                groups);
    }

    public Optional<ResourceGroup> group(String key) {
        return groups.stream().filter(g -> g.key().equals(key)).findFirst();
    }

    /** Equal on nodes that agree on nodes, auto_failback and haresources; nodes that disagree warn of each other. */
    public long configHash() {
        StringBuilder text = new StringBuilder();
        text.append(nodes).append('\n').append(returnsHome).append('\n');
        for (ResourceGroup group : groups) {
            text.append(group.preferredNode())
                    .append(' ')
                    .append(group.resources())
                    .append('\n');
        }
        byte[] digest = sha256().digest(text.toString().getBytes(StandardCharsets.UTF_8));
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
