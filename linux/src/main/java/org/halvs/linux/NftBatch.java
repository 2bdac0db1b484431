package org.halvs.linux;

import java.util.ArrayList;
import java.util.List;

/**
 * One transaction of nf_tables ({@code include/uapi/linux/netfilter/nf_tables.h}): the kernel makes all of its changes or none. Names of tables,
 * chains and sets are those of {@code nft(8)}; every object belongs to the one table of the batch, in the family {@code inet} unless said otherwise.
 */
final class NftBatch {
    /** {@code NF_INET_PRE_ROUTING}. */
    static final int HOOK_PREROUTING = 0;

    /** {@code NF_INET_POST_ROUTING}. */
    static final int HOOK_POSTROUTING = 4;

    private static final int NFNL_SUBSYS_NFTABLES = 10;
    private static final int BATCH_BEGIN = 16;
    private static final int BATCH_END = 17;
    private static final int NFPROTO_INET = 1;
    private static final int NFPROTO_IPV4 = 2;
    private static final int NFPROTO_ARP = 3;
    private static final int NFPROTO_NETDEV = 5;
    private static final int CREATE = 0x400;
    private static final int APPEND = 0x800;
    private static final int NEW_TABLE = 0;
    private static final int DELETE_TABLE = 2;
    private static final int NEW_CHAIN = 3;
    private static final int NEW_RULE = 6;
    private static final int DELETE_RULE = 8;
    private static final int NEW_SET = 9;
    private static final int NEW_SET_ELEMENTS = 12;
    private static final int DELETE_SET_ELEMENTS = 14;

    /** So that a list stays far below the 64 KiB an attribute can hold. */
    private static final int ELEMENTS_A_MESSAGE = 500;

    /** A change, and what to call it when the kernel refuses. */
    record Change(String name, NetlinkSocket.Request request) {}

    private final int family;
    private final String table;
    private final List<Change> changes = new ArrayList<>();
    private int nextSetId = 1;

    NftBatch(String table) {
        this(NFPROTO_INET, table);
    }

    private NftBatch(int family, String table) {
        this.family = family;
        this.table = table;
    }

    /** For a table of the family {@code ip}. */
    static NftBatch ipv4(String table) {
        return new NftBatch(NFPROTO_IPV4, table);
    }

    /** For a table of the family {@code arp}. */
    static NftBatch arp(String table) {
        return new NftBatch(NFPROTO_ARP, table);
    }

    /** For a table of the family {@code netdev}. */
    static NftBatch netdev(String table) {
        return new NftBatch(NFPROTO_NETDEV, table);
    }

    /** Makes the table unless it is there. */
    NftBatch addTable() {
        return change("add table", NEW_TABLE, CREATE, new NestedAttributes().add(1, table));
    }

    /** Removes the table with all it holds. Refused with {@code ENOENT} when it is not there. */
    NftBatch deleteTable() {
        return change("delete table", DELETE_TABLE, 0, new NestedAttributes().add(1, table));
    }

    /** Makes a chain the kernel runs for packets at a hook; they pass unless a rule says otherwise. */
    NftBatch addBaseChain(String chain, int hook, int priority) {
        return addHookedChain(
                chain, "filter", new NestedAttributes().add(1, hook).add(2, priority));
    }

    /** Makes a chain that sees the first packet of each connection and says where the connection goes; connection tracking does so with the others. */
    NftBatch addTranslationChain(String chain, int hook, int priority) {
        return addHookedChain(chain, "nat", new NestedAttributes().add(1, hook).add(2, priority));
    }

    /** In the family {@code netdev}: makes a chain the kernel runs for the frames of one interface. Refused with {@code ENOENT} when there is none. */
    NftBatch addDeviceChain(String chain, String device, int hook, int priority) {
        return addHookedChain(
                chain,
                "filter",
                new NestedAttributes().add(1, hook).add(2, priority).add(3, device));
    }

    private NftBatch addHookedChain(String chain, String type, NestedAttributes hooked) {
        return change(
                "add chain " + chain,
                NEW_CHAIN,
                CREATE,
                new NestedAttributes()
                        .add(1, table)
                        .add(3, chain)
                        .add(4, hooked)
                        .add(7, type)
                        .add(5, 1));
    }

    /** Makes a chain other chains jump to. */
    NftBatch addChain(String chain) {
        return change(
                "add chain " + chain,
                NEW_CHAIN,
                CREATE,
                new NestedAttributes().add(1, table).add(3, chain));
    }

    /** Puts a rule at the end of a chain. */
    NftBatch addRule(String chain, NftRule rule) {
        return change(
                "add rule to " + chain,
                NEW_RULE,
                CREATE | APPEND,
                new NestedAttributes().add(1, table).add(2, chain).add(4, rule.expressions()));
    }

    /** Removes all rules of a chain. */
    NftBatch flushChain(String chain) {
        return change(
                "flush chain " + chain,
                DELETE_RULE,
                0,
                new NestedAttributes().add(1, table).add(2, chain));
    }

    /**
     * Makes a set.
     *
     * @param keyType the type number {@code nft} shows the elements by
     * @param keyBytes the length of an element
     */
    NftBatch addSet(String set, int keyType, int keyBytes) {
        return change(
                "add set " + set,
                NEW_SET,
                CREATE,
                new NestedAttributes()
                        .add(1, table)
                        .add(2, set)
                        .add(3, 0)
                        .add(4, keyType)
                        .add(5, keyBytes)
                        .add(10, nextSetId++));
    }

    /** Adds elements to a set; one that is there already stays. */
    NftBatch addElements(String set, List<byte[]> keys) {
        return elements("add elements to " + set, NEW_SET_ELEMENTS, CREATE, set, keys);
    }

    /** Removes elements from a set. Refused with {@code ENOENT} when one is not there. */
    NftBatch deleteElements(String set, List<byte[]> keys) {
        return elements("delete elements of " + set, DELETE_SET_ELEMENTS, 0, set, keys);
    }

    private NftBatch elements(String name, int type, int flags, String set, List<byte[]> keys) {
        for (int from = 0; from < keys.size(); from += ELEMENTS_A_MESSAGE) {
            NestedAttributes list = new NestedAttributes();
            for (byte[] key : keys.subList(from, Math.min(keys.size(), from + ELEMENTS_A_MESSAGE))) {
                list.add(1, new NestedAttributes().add(1, new NestedAttributes().add(1, key)));
            }
            change(
                    name,
                    type,
                    flags,
                    new NestedAttributes().add(1, table).add(2, set).add(3, list));
        }
        return this;
    }

    boolean isEmpty() {
        return changes.isEmpty();
    }

    /** The changes in their order, without the frame of the transaction. */
    List<Change> changes() {
        return List.copyOf(changes);
    }

    /** Writes the whole transaction. The kernel acknowledges each change, not the frame around them. */
    void write(NetlinkWriter writer) {
        frame(writer, BATCH_BEGIN);
        changes.forEach(change -> change.request().write(writer));
        frame(writer, BATCH_END);
    }

    private static void frame(NetlinkWriter writer, int type) {
        header(writer.begin(type, NetlinkSocket.REQUEST), 0, NFNL_SUBSYS_NFTABLES)
                .end();
    }

    private NftBatch change(String name, int type, int flags, NestedAttributes attributes) {
        changes.add(new Change(name, writer -> {
            header(
                    writer.begin(NFNL_SUBSYS_NFTABLES << 8 | type, NetlinkSocket.REQUEST | NetlinkSocket.ACK | flags),
                    family,
                    0);
            for (byte each : attributes.bytes()) {
                writer.u8(each);
            }
            writer.end();
        }));
        return this;
    }

    /** {@code struct nfgenmsg}. */
    private static NetlinkWriter header(NetlinkWriter writer, int family, int resource) {
        return writer.u8(family).u8(0).u8(resource >>> 8).u8(resource & 0xff);
    }
}
