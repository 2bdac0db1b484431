package org.halvs.linux;

import java.util.Collection;
import java.util.List;

/**
 * A {@link NeighbourSilence} of nf_tables: the tables {@code arp halvs_handover} and {@code inet halvs_handover}. Questions for the addresses do not come in,
 * and neither answers nor questions that name one of them as their own go out: a neighbour learns from those too (RFC 826, RFC 4861 section 7.2.3).
 */
public final class NftNeighbourSilence implements NeighbourSilence {
    private static final String TABLE = "halvs_handover";
    private static final String IN = "input";
    private static final String OUT = "output";
    private static final int HOOK_ARP_IN = 0; // NF_ARP_IN
    private static final int HOOK_ARP_OUT = 1; // NF_ARP_OUT
    private static final int HOOK_LOCAL_IN = 1; // NF_INET_LOCAL_IN
    private static final int HOOK_LOCAL_OUT = 3; // NF_INET_LOCAL_OUT
    private static final int PRIORITY_FILTER = 0;
    private static final byte ICMPV6 = 58;
    private static final byte NEIGHBOUR_SOLICITATION = (byte) 135;
    private static final byte NEIGHBOUR_ADVERTISEMENT = (byte) 136;

    private final NftSocket socket;

    private NftNeighbourSilence(NftSocket socket) {
        this.socket = socket;
    }

    /**
     * Connects to nf_tables in the network namespace of the calling thread. Changes nothing yet.
     *
     * @throws LinuxException where the kernel has no nf_tables, or without {@code CAP_NET_ADMIN}
     */
    public static NftNeighbourSilence open() {
        return new NftNeighbourSilence(NftSocket.open());
    }

    @Override
    public void about(Collection<IpAddress> addresses) {
        List<IpAddress> four = addresses.stream().filter(IpAddress::isIpv4).toList();
        List<IpAddress> six =
                addresses.stream().filter(address -> !address.isIpv4()).toList();
        socket.commit(arp(four), "table arp " + TABLE);
        socket.commit(neighbourDiscovery(six), "table inet " + TABLE);
    }

    private static NftBatch arp(List<IpAddress> addresses) {
        NftBatch batch = NftBatch.arp(TABLE).addTable().deleteTable();
        if (!addresses.isEmpty()) {
            batch.addTable()
                    .addBaseChain(IN, HOOK_ARP_IN, PRIORITY_FILTER)
                    .addBaseChain(OUT, HOOK_ARP_OUT, PRIORITY_FILTER);
        }
        for (IpAddress address : addresses) {
            batch.addRule(
                    IN, new NftRule().loadArpTarget(0).equal(0, address.bytes()).drop());
            batch.addRule(
                    OUT,
                    new NftRule().loadArpSender(0).equal(0, address.bytes()).drop());
        }
        return batch;
    }

    private static NftBatch neighbourDiscovery(List<IpAddress> addresses) {
        NftBatch batch = new NftBatch(TABLE).addTable().deleteTable();
        if (!addresses.isEmpty()) {
            batch.addTable()
                    .addBaseChain(IN, HOOK_LOCAL_IN, PRIORITY_FILTER)
                    .addBaseChain(OUT, HOOK_LOCAL_OUT, PRIORITY_FILTER);
        }
        for (IpAddress address : addresses) {
            byte[] bytes = address.bytes();
            batch.addRule(
                    IN,
                    message(NEIGHBOUR_SOLICITATION)
                            .loadNeighbourTarget(0)
                            .equal(0, bytes)
                            .drop());
            batch.addRule(
                    OUT,
                    message(NEIGHBOUR_ADVERTISEMENT)
                            .loadNeighbourTarget(0)
                            .equal(0, bytes)
                            .drop());
            batch.addRule(
                    OUT,
                    message(NEIGHBOUR_SOLICITATION)
                            .loadSource(IpAddress.Family.IPV6, 0)
                            .equal(0, bytes)
                            .drop());
        }
        return batch;
    }

    private static NftRule message(byte type) {
        return new NftRule()
                .family(IpAddress.Family.IPV6)
                .loadProtocol(0)
                .equal(0, ICMPV6)
                .loadIcmpType(0)
                .equal(0, type);
    }

    @Override
    public void close() {
        socket.close();
    }
}
