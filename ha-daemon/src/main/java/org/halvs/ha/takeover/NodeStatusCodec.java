package org.halvs.ha.takeover;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.ha.membership.ViewId;

/**
 * A {@link NodeStatus} on the wire: one byte version, then the fields in the order of the record, numbers big-endian, texts as a 16-bit length and UTF-8.
 * Bounded in every direction: whatever arrives, reading ends and allocates little.
 */
public final class NodeStatusCodec {
    /** Raised whenever the layout changes. A node says nothing to one that speaks another version: such a pair must not share groups. */
    static final int VERSION = 1;

    private static final int MAX_GROUPS = 4096;
    private static final int MAX_NODES = 128;
    private static final int MAX_TEXT_BYTES = 1024;
    private static final int MAX_STANDBY = 1 << 24;

    private NodeStatusCodec() {}

    /** Fails with {@link IllegalArgumentException} for more than 4096 groups, 128 nodes, or a name of more than 1024 bytes. */
    public static byte[] encode(NodeStatus status) {
        if (status.groups().size() > MAX_GROUPS || status.seen().size() > MAX_NODES) {
            throw new IllegalArgumentException("a status of " + status.groups().size() + " groups");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            writeText(out, status.node());
            out.writeLong(status.incarnation());
            out.writeLong(status.sequence());
            writeText(out, status.view().creator());
            out.writeLong(status.view().number());
            out.writeByte(flags(status.ready(), status.settled(), status.leaving()));
            out.writeLong(status.configHash());
            out.writeShort(status.groups().size());
            for (GroupStatus group : status.groups()) {
                writeGroup(out, group);
            }
            out.writeShort(status.seen().size());
            for (NodeStatus.Seen seen : status.seen()) {
                writeText(out, seen.node());
                out.writeLong(seen.incarnation());
                out.writeLong(seen.sequence());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return bytes.toByteArray();
    }

    private static void writeGroup(DataOutputStream out, GroupStatus group) throws IOException {
        writeText(out, group.group());
        out.writeByte(group.claim().ordinal());
        out.writeLong(group.heldMillis());
        out.writeInt(group.standby());
        out.writeByte(flags(group.failed(), group.wanted(), group.requested()));
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

    /** Empty for anything that is not exactly one status of this version. */
    public static Optional<NodeStatus> decode(byte[] message) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(message))) {
            if (in.readUnsignedByte() != VERSION) {
                return Optional.empty();
            }
            NodeStatus status = readStatus(in);
            return in.available() == 0 ? Optional.of(status) : Optional.empty();
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
                groups,
                seen);
    }

    private static GroupStatus readGroup(DataInputStream in) throws IOException {
        String key = readText(in);
        int claim = bounded(in.readUnsignedByte(), Claim.values().length - 1);
        long heldMillis = in.readLong();
        int standby = bounded(in.readInt(), MAX_STANDBY);
        int flags = in.readUnsignedByte();
        return new GroupStatus(
                key, Claim.values()[claim], heldMillis, standby, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0);
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
