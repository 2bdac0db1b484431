package org.halvs.linux;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@link StackRedirect} by the table {@code inet halvs_local} of nf_tables: destination translation, whose answers the kernel's connection tracking translates
 * back. It needs nothing but {@code CONFIG_NFT_NAT}.
 *
 * <p>Answers from 127.0.0.0/8 take more. The kernel chooses their way while they have that source, and refuses every interface but lo for them unless
 * {@code route_localnet} of the interface allows it, which would let the neighbours on it reach this machine's loopback sockets. So a routing rule sends
 * what such sockets send to others by lo, where it comes to nothing; behind the translation, when it has the virtual address, a rule of the table
 * {@code ip halvs_local} sends a copy by the normal route ({@code CONFIG_NFT_DUP_IPV4}). What nobody translated is not copied. The device has to take packets to
 * loopback addresses: {@link TunDevice#acceptLoopback}.
 *
 * <p>The tables, the rule and its routing table outlive a killed program, until its next holder takes them over or {@link #removeLeftovers} is called.
 */
public final class NftStackRedirect implements StackRedirect {
    /** The routing table for what loopback addresses send to others. */
    public static final int ROUTING_TABLE = 127_080;

    /** Of the rule that asks that table: behind the one of the table local, before those of a site. */
    private static final int RULE_PRIORITY = 127;

    private static final String TABLE = "halvs_local";
    private static final String IN_CHAIN = "prerouting";
    private static final String OUT_CHAIN = "postrouting";
    private static final int PRIORITY_DESTINATION = -100; // NF_IP_PRI_NAT_DST
    private static final int BEHIND_TRANSLATION = 300; // NF_IP_PRI_NAT_SRC is 100

    private final NftSocket tables;
    private final NetlinkSocket routes;
    private final String device;
    private boolean present;

    private NftStackRedirect(NftSocket tables, NetlinkSocket routes, String device) {
        this.tables = tables;
        this.routes = routes;
        this.device = device;
    }

    /**
     * Connects to the kernel in the network namespace of the calling thread. Changes nothing yet.
     *
     * @param device the name of the device the connections come in by; it need not be there yet
     * @throws LinuxException where the kernel has no netfilter, or without {@code CAP_NET_ADMIN}
     */
    public static NftStackRedirect open(String device) {
        NftSocket tables = NftSocket.open();
        try {
            return new NftStackRedirect(tables, NetlinkSocket.open(NetlinkSocket.ROUTE), device);
        } catch (RuntimeException e) {
            tables.close();
            throw e;
        }
    }

    @Override
    public List<Refused> redirect(List<Redirected> all) {
        if (all.isEmpty()) {
            if (present) {
                remove();
            }
            return List.of();
        }
        present = true; // what fails half-way leaves something to remove
        List<Refused> refused = new ArrayList<>();
        List<Redirected> loopback = all.stream()
                .filter(one -> one.server().isLoopback() && one.server().isIpv4())
                .toList();
        List<Redirected> taken = new ArrayList<>(all);
        try {
            answerFromLoopback(loopback);
        } catch (LinuxException e) {
            String reason = "the answers of loopback addresses need nft_dup_ipv4: " + e.getMessage();
            loopback.forEach(one -> refused.add(new Refused(one, reason)));
            taken.removeAll(loopback);
            attempt(() -> answerFromLoopback(List.of()));
        }
        NftBatch batch = new NftBatch(TABLE)
                .addTable()
                .deleteTable()
                .addTable()
                .addTranslationChain(IN_CHAIN, NftBatch.HOOK_PREROUTING, PRIORITY_DESTINATION);
        taken.forEach(one -> batch.addRule(IN_CHAIN, translation(one)));
        tables.commit(batch, "table inet " + TABLE);
        return List.copyOf(refused);
    }

    private NftRule translation(Redirected one) {
        IpAddress.Family family = one.virtual().family();
        return new NftRule()
                .inputInterface(device)
                .family(family)
                .loadProtocol(0)
                .equal(0, (byte) one.protocol())
                .loadDestination(family, 0)
                .equal(0, one.virtual().bytes())
                .loadDestinationPort(0)
                .equal(0, port(one.virtualPort()))
                .count()
                .translateTo(one.server(), one.serverPort());
    }

    /** Has exactly these answer; empty for none. */
    private void answerFromLoopback(List<Redirected> loopback) {
        NftBatch batch = NftBatch.ipv4(TABLE).addTable().deleteTable();
        if (loopback.isEmpty()) {
            tables.commit(batch, "table ip " + TABLE);
            route(false);
            return;
        }
        batch.addTable().addBaseChain(OUT_CHAIN, NftBatch.HOOK_POSTROUTING, BEHIND_TRANSLATION);
        loopback.forEach(one -> batch.addRule(
                OUT_CHAIN,
                new NftRule()
                        .outputInterface("lo")
                        .loadProtocol(0)
                        .equal(0, (byte) one.protocol())
                        .loadSource(IpAddress.Family.IPV4, 0)
                        .equal(0, one.virtual().bytes())
                        .loadSourcePort(0)
                        .equal(0, port(one.virtualPort()))
                        .destinationNotLocal()
                        .count()
                        .sendCopy()));
        tables.commit(batch, "table ip " + TABLE);
        route(true);
    }

    /** Whether what loopback addresses send to others goes by lo. */
    private void route(boolean byLoopback) {
        if (byLoopback) {
            change(writer -> RtnetlinkMessages.addAllByLoopback(writer, ROUTING_TABLE), Errno.EEXIST);
            change(writer -> RoutingRuleMessages.addFromLoopback(writer, RULE_PRIORITY, ROUTING_TABLE), Errno.EEXIST);
        } else {
            change(
                    writer -> RoutingRuleMessages.deleteFromLoopback(writer, RULE_PRIORITY, ROUTING_TABLE),
                    Errno.ENOENT);
            change(writer -> RtnetlinkMessages.deleteAllByLoopback(writer, ROUTING_TABLE), Errno.ESRCH);
        }
    }

    /** @param already what the kernel answers where it is so without the change */
    private void change(NetlinkSocket.Request request, Errno already) {
        routes.exchange(request)
                .refusal()
                .filter(refusal -> !refusal.errno().equals(already))
                .ifPresent(refusal -> {
                    throw refusal.exception("rtnetlink", "routing table " + ROUTING_TABLE);
                });
    }

    private static byte[] port(int number) {
        return ByteBuffer.allocate(2).putShort((short) number).array();
    }

    @Override
    public void remove() {
        tables.commit(new NftBatch(TABLE).addTable().deleteTable(), "table inet " + TABLE);
        answerFromLoopback(List.of());
        present = false;
    }

    /** Removes what a program that was killed left in the network namespace of the calling thread. Succeeds when there is nothing. */
    public static void removeLeftovers() {
        attempt(() -> {
            try (NftStackRedirect redirect = open("")) {
                redirect.remove();
            }
        });
    }

    private static void attempt(Runnable removal) {
        try {
            removal.run();
        } catch (LinuxException _) {
            // a kernel that can't do the one never had the other
        }
    }

    @Override
    public void close() {
        tables.close();
        routes.close();
    }
}
