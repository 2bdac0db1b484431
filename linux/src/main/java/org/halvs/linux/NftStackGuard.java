package org.halvs.linux;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

/**
 * A {@link StackGuard} of nf_tables: {@code table inet halvs}, as {@code nft list table inet halvs} shows it. No {@code nft} program is needed.
 *
 * <p>The chain runs at priority -300 ({@code raw}): before connection tracking and before routing, and behind the taps of packet sockets. Single
 * ports stand in hash sets, so that the cost of a packet does not depend on the number of services; ranges of ports are a rule each in the chain
 * {@code wide}. Traffic of this machine with itself (lo) and what is put in by {@code trustedInterface} pass.
 *
 * <p>Of the packets somebody else translates, their fragments are withheld whatever they carry, for only the first one has a port, and ICMP errors
 * about what such a server was sent. Of served addresses ICMP is not withheld, which the stack answers (ping) or ignores (errors about connections
 * it does not have), nor are fragments behind the first where ports matter, for they cannot be assembled without it.
 *
 * <p>The table has no owner in the sense of {@code NFT_TABLE_F_OWNER}, so it outlives a killed program: an address without a program is then a
 * black hole instead of a source of resets, until its next holder takes it over.
 */
public final class NftStackGuard implements StackGuard {
    private static final String TABLE = "halvs";
    private static final String BASE_CHAIN = "prerouting";
    private static final String WIDE_CHAIN = "wide";
    private static final int PRIORITY_RAW = -300;

    // the numbers nft has for what elements consist of (its enum datatypes), 6 bits each
    private static final int TYPE_INET_PROTOCOL = 12;
    private static final int TYPE_INET_SERVICE = 13;
    private static final int TYPE_IPV4_ADDRESS = 7;
    private static final int TYPE_IPV6_ADDRESS = 8;
    private static final int TYPE_BITS = 6;

    private static final int LAST_PORT = 65535;
    private static final int PROTOCOL_NOT_SUPPORTED = 93; // EPROTONOSUPPORT: no NETLINK_NETFILTER socket

    private final NftSocket socket;
    private final List<String> trustedInterfaces;
    private State installed = State.EMPTY;
    private boolean tablePresent;

    /** What the kernel holds; keys as in the sets. */
    private record State(SequencedSet<Served> served, SequencedSet<Translated> translated) {
        static final State EMPTY = new State(new LinkedHashSet<>(), new LinkedHashSet<>());

        boolean sameWide(State other) {
            return wideServed().equals(other.wideServed()) && wideTranslated().equals(other.wideTranslated());
        }

        List<Served> wideServed() {
            return served.stream()
                    .filter(one -> one.firstPort() != one.lastPort())
                    .toList();
        }

        List<Translated> wideTranslated() {
            return translated.stream().filter(one -> one.port() == 0).toList();
        }

        List<byte[]> keys(Direction direction, IpAddress.Family family) {
            return switch (direction) {
                case SERVED ->
                    served.stream()
                            .filter(one -> one.address().family() == family && one.firstPort() == one.lastPort())
                            .map(one -> key(one.protocol(), one.address(), one.firstPort()))
                            .toList();
                case TRANSLATED ->
                    translated.stream()
                            .filter(one -> one.address().family() == family && one.port() != 0)
                            .map(one -> key(one.protocol(), one.address(), one.port()))
                            .toList();
                case HOSTS ->
                    translated.stream()
                            .map(Translated::address)
                            .filter(address -> address.family() == family)
                            .distinct()
                            .map(IpAddress::bytes)
                            .toList();
            };
        }
    }

    private enum Direction {
        SERVED("served"),
        TRANSLATED("translated"),
        /** The addresses of what is translated. */
        HOSTS("hosts");

        private final String word;

        Direction(String word) {
            this.word = word;
        }

        String set(IpAddress.Family family) {
            return word + (family == IpAddress.Family.IPV4 ? "4" : "6");
        }
    }

    private NftStackGuard(NftSocket socket, List<String> trustedInterfaces) {
        this.socket = socket;
        this.trustedInterfaces = List.copyOf(trustedInterfaces);
    }

    /**
     * Connects to nf_tables in the network namespace of the calling thread. Changes nothing yet.
     *
     * @param trustedInterfaces interfaces besides lo whose packets are never withheld
     * @throws LinuxException where the kernel has no netfilter, or without {@code CAP_NET_ADMIN}
     */
    public static NftStackGuard open(String... trustedInterfaces) {
        return new NftStackGuard(NftSocket.open(), List.of(trustedInterfaces));
    }

    @Override
    public void withhold(List<Served> served, List<Translated> translated) {
        State wanted = new State(new LinkedHashSet<>(served), new LinkedHashSet<>(translated));
        if (tablePresent) {
            try {
                socket.commit(changes(installed, wanted), "table inet " + TABLE);
                installed = wanted;
                return;
            } catch (LinuxException e) {
                if (!e.errno().equals(Errno.ENOENT)) {
                    throw e;
                }
                // somebody removed the table or elements of it ("nft flush ruleset"): make it anew
            }
        }
        socket.commit(fresh(wanted), "table inet " + TABLE);
        tablePresent = true;
        installed = wanted;
    }

    /** The whole table, in the place of whatever has its name. */
    private NftBatch fresh(State wanted) {
        NftBatch batch = new NftBatch(TABLE).addTable().deleteTable().addTable();
        for (IpAddress.Family family : IpAddress.Family.values()) {
            int address = family == IpAddress.Family.IPV4 ? TYPE_IPV4_ADDRESS : TYPE_IPV6_ADDRESS;
            int type = (TYPE_INET_PROTOCOL << 2 * TYPE_BITS) | address << TYPE_BITS | TYPE_INET_SERVICE;
            batch.addSet(Direction.SERVED.set(family), type, 8 + family.bytes());
            batch.addSet(Direction.TRANSLATED.set(family), type, 8 + family.bytes());
            batch.addSet(Direction.HOSTS.set(family), address, family.bytes());
        }
        batch.addChain(WIDE_CHAIN).addBaseChain(BASE_CHAIN, NftBatch.HOOK_PREROUTING, PRIORITY_RAW);
        batch.addRule(BASE_CHAIN, new NftRule().inputInterface("lo").accept());
        trustedInterfaces.forEach(name ->
                batch.addRule(BASE_CHAIN, new NftRule().inputInterface(name).accept()));
        for (IpAddress.Family family : IpAddress.Family.values()) {
            int afterAddress = 1 + family.bytes() / 4;
            batch.addRule(
                    BASE_CHAIN,
                    new NftRule()
                            .family(family)
                            .loadProtocol(0)
                            .loadDestination(family, 1)
                            .loadDestinationPort(afterAddress)
                            .in(Direction.SERVED.set(family), 0)
                            .count()
                            .drop());
            batch.addRule(
                    BASE_CHAIN,
                    new NftRule()
                            .family(family)
                            .loadProtocol(0)
                            .loadSource(family, 1)
                            .loadSourcePort(afterAddress)
                            .in(Direction.TRANSLATED.set(family), 0)
                            .destinationNotLocal()
                            .count()
                            .drop());
            batch.addRule(
                    BASE_CHAIN,
                    new NftRule()
                            .family(family)
                            .fragment(family)
                            .loadSource(family, 0)
                            .in(Direction.HOSTS.set(family), 0)
                            .destinationNotLocal()
                            .count()
                            .drop());
            for (int[] types : errorTypes(family)) {
                batch.addRule(
                        BASE_CHAIN,
                        new NftRule()
                                .family(family)
                                .icmpError(family, types[0], types[1])
                                .loadQuotedProtocol(family, 0)
                                .loadQuotedDestination(family, 1)
                                .loadQuotedDestinationPort(family, afterAddress)
                                .in(Direction.TRANSLATED.set(family), 0)
                                .destinationNotLocal()
                                .count()
                                .drop());
            }
        }
        batch.addRule(BASE_CHAIN, new NftRule().jump(WIDE_CHAIN));
        return fill(batch, State.EMPTY, wanted);
    }

    /** The types of ICMP errors that follow a connection, as ranges: unreachable and source quench, time exceeded; with IPv6 all errors. */
    private static List<int[]> errorTypes(IpAddress.Family family) {
        return family == IpAddress.Family.IPV4
                ? List.of(new int[] {3, 4}, new int[] {11, 11})
                : List.of(new int[] {1, 127});
    }

    private static NftBatch changes(State from, State to) {
        NftBatch batch = new NftBatch(TABLE);
        if (!from.sameWide(to)) {
            batch.flushChain(WIDE_CHAIN);
        }
        return fill(batch, from, to);
    }

    private static NftBatch fill(NftBatch batch, State from, State to) {
        for (Direction direction : Direction.values()) {
            for (IpAddress.Family family : IpAddress.Family.values()) {
                List<byte[]> before = from.keys(direction, family);
                List<byte[]> after = to.keys(direction, family);
                batch.addElements(direction.set(family), without(after, before));
                batch.deleteElements(direction.set(family), without(before, after));
            }
        }
        if (!from.sameWide(to)) {
            to.wideServed().forEach(one -> batch.addRule(WIDE_CHAIN, wide(one)));
            to.wideTranslated().forEach(one -> {
                batch.addRule(WIDE_CHAIN, wide(one));
                errorTypes(one.address().family()).forEach(types -> batch.addRule(WIDE_CHAIN, wideError(one, types)));
            });
        }
        return batch;
    }

    private static NftRule wide(Served one) {
        NftRule rule = new NftRule()
                .family(one.address().family())
                .loadProtocol(0)
                .equal(0, (byte) one.protocol())
                .loadDestination(one.address().family(), 0)
                .equal(0, one.address().bytes());
        if (one.firstPort() > 0 || one.lastPort() < LAST_PORT) {
            rule.loadDestinationPort(0).between(0, port(one.firstPort()), port(one.lastPort()));
        }
        return rule.count().drop();
    }

    private static NftRule wide(Translated one) {
        return new NftRule()
                .family(one.address().family())
                .loadProtocol(0)
                .equal(0, (byte) one.protocol())
                .loadSource(one.address().family(), 0)
                .equal(0, one.address().bytes())
                .destinationNotLocal()
                .count()
                .drop();
    }

    private static NftRule wideError(Translated one, int[] types) {
        IpAddress.Family family = one.address().family();
        return new NftRule()
                .family(family)
                .icmpError(family, types[0], types[1])
                .loadQuotedProtocol(family, 0)
                .equal(0, (byte) one.protocol())
                .loadQuotedDestination(family, 0)
                .equal(0, one.address().bytes())
                .destinationNotLocal()
                .count()
                .drop();
    }

    /** An element of a set: each part fills up its last register with zeros. */
    private static byte[] key(int protocol, IpAddress address, int port) {
        return ByteBuffer.allocate(8 + address.family().bytes())
                .put((byte) protocol)
                .position(4)
                .put(address.bytes())
                .putShort((short) port)
                .array();
    }

    private static byte[] port(int number) {
        return ByteBuffer.allocate(2).putShort((short) number).array();
    }

    private static List<byte[]> without(List<byte[]> keys, List<byte[]> removed) {
        SequencedSet<ByteBuffer> rest = new LinkedHashSet<>();
        keys.forEach(key -> rest.add(ByteBuffer.wrap(key)));
        removed.forEach(key -> rest.remove(ByteBuffer.wrap(key)));
        List<byte[]> result = new ArrayList<>(rest.size());
        for (ByteBuffer key : rest) {
            byte[] bytes = new byte[key.remaining()];
            key.get(bytes);
            result.add(bytes);
        }
        return result;
    }

    @Override
    public void remove() {
        socket.commit(new NftBatch(TABLE).addTable().deleteTable(), "table inet " + TABLE);
        tablePresent = false;
        installed = State.EMPTY;
    }

    /**
     * Removes what a program that was killed left behind, in the network namespace of the calling thread. A kernel without netfilter has
     * nothing to remove.
     */
    public static void removeLeftovers() {
        try (NftStackGuard guard = open()) {
            guard.remove();
        } catch (LinuxException e) {
            boolean withoutNetfilter = e.errno().number() == PROTOCOL_NOT_SUPPORTED
                    || e.errno().equals(Errno.EOPNOTSUPP)
                    || e.errno().equals(Errno.EINVAL);
            if (!withoutNetfilter) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
