package org.halvs.ha.takeover;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.halvs.ha.membership.ViewId;

/**
 * A {@link NodeStatus} on the wire: one byte layout, then the fields in the order of the record, numbers big-endian, texts as a 16-bit length and UTF-8. The
 * status as a whole and each group of it begin with their length: a later version may add fields at the end of either, which this one passes over.
 * Bounded in every direction: whatever arrives, reading ends and allocates little.
 */
public final class NodeStatusCodec {
    /**
     * Raised when a layout can't be read as the one before with something added. A node says nothing to one that speaks another layout: such a pair must not
     * share groups.
     */
    static final int VERSION = 2;

    private static final int MAX_GROUPS = 4096;
    private static final int MAX_NODES = 128;
    private static final int MAX_PARTS = 256;
    private static final int MAX_TEXT_BYTES = 1024;
    private static final int MAX_STANDBY = 1 << 24;

    private NodeStatusCodec() {}

    /** Fails with {@link IllegalArgumentException} for more than 4096 groups, 128 nodes, or a name of more than 1024 bytes. */
    public static byte[] encode(NodeStatus status) {
        if (status.groups().size() > MAX_GROUPS
                || status.seen().size() > MAX_NODES
                || status.fingerprints().size() > MAX_PARTS) {
            throw new IllegalArgumentException("a status of " + status.groups().size() + " groups");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            byte[] body = body(status);
            out.writeInt(body.length);
            out.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return bytes.toByteArray();
    }

    private static byte[] body(NodeStatus status) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        DataOutputStream out = new DataOutputStream(bytes);
        writeText(out, status.node());
        out.writeLong(status.incarnation());
        out.writeLong(status.sequence());
        writeText(out, status.view().creator());
        out.writeLong(status.view().number());
        out.writeByte(flags(status.ready(), status.settled(), status.leaving()));
        out.writeLong(status.configHash());
        out.writeShort(status.pings());
        out.writeShort(status.fingerprints().size());
        for (Map.Entry<String, Long> part : new TreeMap<>(status.fingerprints()).entrySet()) {
            writeText(out, part.getKey());
            out.writeLong(part.getValue());
        }
        out.writeShort(status.groups().size());
        for (GroupStatus group : status.groups()) {
            byte[] written = group(group);
            out.writeShort(written.length);
            out.write(written);
        }
        out.writeShort(status.seen().size());
        for (NodeStatus.Seen seen : status.seen()) {
            writeText(out, seen.node());
            out.writeLong(seen.incarnation());
            out.writeLong(seen.sequence());
        }
        return bytes.toByteArray();
    }

    private static byte[] group(GroupStatus group) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
        DataOutputStream out = new DataOutputStream(bytes);
        writeText(out, group.group());
        out.writeByte(group.claim().ordinal());
        out.writeLong(group.heldMillis());
        out.writeInt(group.standby());
        out.writeByte(flags(group.failed(), group.wanted(), group.requested())
                | flags(group.doubtful(), group.stuck(), group.triesAgain()) << 3);
        writeText(out, group.unfit());
        return bytes.toByteArray();
    }

    private static void writeText(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_TEXT_BYTES) {
            throw new IllegalArgumentException("a name of " + bytes.length + " bytes: " + text.substring(0, 40));
        }
        out.writeShort(bytes.length);
        out.write(bytes);
    }

    private static int flags(boolean first, boolean second, boolean third) {
        return (first ? 1 : 0) | (second ? 2 : 0) | (third ? 4 : 0);
    }

    /** Empty for anything that is not one status of this layout. */
    public static Optional<NodeStatus> decode(byte[] message) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(message))) {
            if (in.readUnsignedByte() != VERSION || in.readInt() != in.available()) {
                return Optional.empty();
            }
            return Optional.of(readStatus(in));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static NodeStatus readStatus(DataInputStream in) throws IOException {
        String node = readText(in);
        long incarnation = in.readLong();
        long sequence = in.readLong();
        ViewId view = new ViewId(readText(in), in.readLong());
        int flags = in.readUnsignedByte();
        long configHash = in.readLong();
        int pings = in.readShort();
        int partCount = bounded(in.readUnsignedShort(), MAX_PARTS);
        Map<String, Long> fingerprints = new LinkedHashMap<>();
        for (int i = 0; i < partCount; i++) {
            fingerprints.put(readText(in), in.readLong());
        }
        int groupCount = bounded(in.readUnsignedShort(), MAX_GROUPS);
        List<GroupStatus> groups = new ArrayList<>();
        for (int i = 0; i < groupCount; i++) {
            groups.add(readGroup(in));
        }
        int seenCount = bounded(in.readUnsignedShort(), MAX_NODES);
        List<NodeStatus.Seen> seen = new ArrayList<>();
        for (int i = 0; i < seenCount; i++) {
            seen.add(new NodeStatus.Seen(readText(in), in.readLong(), in.readLong()));
        }
        return new NodeStatus(
                node,
                incarnation,
                sequence,
                view,
                (flags & 1) != 0,
                (flags & 2) != 0,
                (flags & 4) != 0,
                configHash,
                pings,
                fingerprints,
                groups,
                seen);
    }

    private static GroupStatus readGroup(DataInputStream all) throws IOException {
        byte[] written = new byte[Math.min(all.readUnsignedShort(), all.available())];
        all.readFully(written);
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(written));
        String key = readText(in);
        int claim = bounded(in.readUnsignedByte(), Claim.values().length - 1);
        long heldMillis = in.readLong();
        int standby = bounded(in.readInt(), MAX_STANDBY);
        int flags = in.readUnsignedByte();
        return new GroupStatus(
                key,
                Claim.values()[claim],
                heldMillis,
                standby,
                (flags & 1) != 0,
                (flags & 32) != 0,
                (flags & 2) != 0,
                (flags & 4) != 0,
                readText(in),
                (flags & 8) != 0,
                (flags & 16) != 0);
    }

    private static String readText(DataInputStream in) throws IOException {
        byte[] bytes = new byte[bounded(in.readUnsignedShort(), MAX_TEXT_BYTES)];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static int bounded(int value, int max) throws IOException {
        if (value < 0 || value > max) {
            throw new IOException("out of range: " + value);
        }
        return value;
    }
}
