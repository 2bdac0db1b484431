package org.halvs.ha.membership;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jgroups.Address;
import org.jgroups.util.UUID;

/**
 * The addresses of the nodes of ha.cf in JGroups: the upper half is the incarnation of the node, the lower half the first 64 bits of the SHA-256 of its name.
 * So an address says whose it is without anybody being asked, has nothing to do with any link, and of two addresses of one node the greater is the later
 * life. Immutable.
 */
final class NodeAddresses {
    private final Map<Long, String> names = new LinkedHashMap<>();

    NodeAddresses(List<String> nodes) {
        for (String node : nodes) {
            String other = names.put(hash(node), node);
            if (other != null) {
                throw new IllegalArgumentException(node + " and " + other + " can't be told apart");
            }
        }
    }

    static UUID address(String node, long incarnation) {
        return new UUID(incarnation, hash(node));
    }

    /** The node an address is of; empty when it is none of ha.cf's. */
    Optional<String> node(Address address) {
        return address instanceof UUID uuid
                ? Optional.ofNullable(names.get(uuid.getLeastSignificantBits()))
                : Optional.empty();
    }

    static long incarnation(Address address) {
        return address instanceof UUID uuid ? uuid.getMostSignificantBits() : 0;
    }

    private static long hash(String node) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(node.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
