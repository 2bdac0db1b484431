package org.halvs.ha.membership.path;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * One life of one node, as datagrams name it.
 *
 * @param key the first 64 bits of the SHA-256 of the node's name
 * @param incarnation greater in each life than in the one before
 */
public record NodeId(long key, long incarnation) {
    static final int BYTES = 16;

    public static NodeId of(String node, long incarnation) {
        return new NodeId(key(node), incarnation);
    }

    /** The part that stays the same over all lives of a node. */
    public static long key(String node) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(node.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    void write(ByteBuffer to) {
        to.putLong(key).putLong(incarnation);
    }

    static NodeId read(ByteBuffer from) {
        return new NodeId(from.getLong(), from.getLong());
    }
}
