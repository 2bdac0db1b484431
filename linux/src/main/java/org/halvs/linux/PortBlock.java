package org.halvs.linux;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Drops what comes in for ports of this host, by rules of nf_tables in {@code table inet halvs_portblock}. No
 * {@code nft} or {@code iptables} program is needed. Confined to one thread at a time.
 */
public final class PortBlock implements AutoCloseable {
    private static final String TABLE = "halvs_portblock";
    private static final String CHAIN = "input";
    private static final int HOOK_LOCAL_IN = 1; // NF_INET_LOCAL_IN
    private static final int PRIORITY_FILTER = 0;

    private final NftSocket socket;

    /**
     * Packets to drop.
     *
     * @param protocol the number in the IP header
     * @param port the destination port, 1 to 65535
     * @param address the destination; empty for every address
     */
    public record Blocked(int protocol, int port, Optional<IpAddress> address) {}

    private PortBlock(NftSocket socket) {
        this.socket = socket;
    }

    /**
     * Connects to nf_tables in the network namespace of the calling thread. Changes nothing yet.
     *
     * @throws LinuxException where the kernel has no nf_tables, or without {@code CAP_NET_ADMIN}
     */
    public static PortBlock open() {
        return new PortBlock(NftSocket.open());
    }

    /**
     * Drops exactly these from now on, in one step; nothing of the table is left when there are none.
     *
     * @throws LinuxException when the kernel refuses; what was dropped before is still
     */
    public void drop(Collection<Blocked> blocked) {
        NftBatch batch = new NftBatch(TABLE).addTable().deleteTable();
        if (!blocked.isEmpty()) {
            batch.addTable().addBaseChain(CHAIN, HOOK_LOCAL_IN, PRIORITY_FILTER);
            for (Blocked one : blocked) {
                for (IpAddress.Family family : families(one)) {
                    batch.addRule(CHAIN, rule(one, family));
                }
            }
        }
        socket.commit(batch, "table inet " + TABLE);
    }

    private static List<IpAddress.Family> families(Blocked one) {
        return one.address().map(address -> List.of(address.family())).orElse(List.of(IpAddress.Family.values()));
    }

    private static NftRule rule(Blocked one, IpAddress.Family family) {
        NftRule rule = new NftRule().family(family).loadProtocol(0).equal(0, (byte) one.protocol());
        one.address().ifPresent(address -> rule.loadDestination(family, 0).equal(0, address.bytes()));
        byte[] port = ByteBuffer.allocate(2).putShort((short) one.port()).array();
        return rule.loadDestinationPort(0).equal(0, port).count().drop();
    }

    @Override
    public void close() {
        socket.close();
    }
}
