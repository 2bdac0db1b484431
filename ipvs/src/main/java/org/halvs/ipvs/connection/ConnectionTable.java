package org.halvs.ipvs.connection;

/**
 * All connections and templates: {@value #ENTRY} bytes an entry, IPv6 included, and 8 bytes of hash buckets.
 *
 * <p>An entry is known by its index, 0 or higher, until it is removed. It is hashed once, by protocol, client address and client port, so that
 * both directions of a connection are found by the client's side ({@code net/netfilter/ipvs/ip_vs_conn.c}). The hash is keyed with a seed, which
 * keeps a stranger from choosing addresses that collide.
 *
 * <p>Expiry goes by a {@link TimerWheel}. A packet only writes the new deadline; an entry whose time on the wheel has come but whose deadline
 * moved is put further on. All entries whose deadline has passed are gone after {@link #expire}.
 */
public final class ConnectionTable extends ConnectionFields {
    private static final long PRIME_1 = 0xa0761d6478bd642fL;
    private static final long PRIME_2 = 0xe7037ed1a0b428dbL;

    // The eight bytes from CLIENT_PORT on: client, virtual and destination port, protocol, state.
    private static final long VIRTUAL_SIDE = 0x00ff_0000_ffff_ffffL;
    private static final long DESTINATION_SIDE = 0x00ff_ffff_0000_ffffL;

    /** No number of changes. */
    public static final long NEVER = -1;

    private final long seed1;
    private final long seed2;
    private final TimerWheel wheel;
    private final HashBuckets buckets;
    private int size;
    private int free = NONE;

    /**
     * @param seed of the hash; the same seed gives the same order of entries
     * @param capacity entries at most, 1 or more
     * @param nowNanos the time from which the wheel turns
     */
    public ConnectionTable(long seed, int capacity, long nowNanos) {
        super(capacity);
        this.seed1 = mix(seed ^ PRIME_1, PRIME_2);
        this.seed2 = mix(seed1 ^ PRIME_2, seed ^ PRIME_1) | 1;
        this.buckets = new HashBuckets(this, capacity());
        this.wheel = new TimerWheel(this, nowNanos);
    }

    /** How many entries there are. */
    public int size() {
        return size;
    }

    // ---- finding ----

    /** The hash of a client's side of a connection; IPv4 addresses in the lower word. */
    public int hash(int protocol, long clientHigh, long clientLow, int clientPort) {
        long mixed = mix(clientHigh ^ seed1, clientLow ^ seed2);
        mixed = mix(mixed ^ ((long) clientPort << 8 | protocol) ^ PRIME_1, seed1 ^ PRIME_2);
        return (int) (mixed ^ mixed >>> 32);
    }

    private static long mix(long a, long b) {
        return a * b ^ Math.unsignedMultiplyHigh(a, b);
    }

    int entryHash(int index) {
        return hash(protocol(index), clientHigh(index), clientLow(index), clientPort(index));
    }

    /** The entry at which a look-up by this hash begins, or {@link #NONE}. */
    public int first(int hash) {
        return buckets.first(hash);
    }

    /** The entry at which a look-up of a client's side begins, or {@link #NONE}. */
    public int first(int protocol, long clientHigh, long clientLow, int clientPort) {
        return buckets.first(hash(protocol, clientHigh, clientLow, clientPort));
    }

    /** Grows when an entry is linked or unlinked; while it stands still, {@link #first} answers what it answered. */
    public long changes() {
        return buckets.changes();
    }

    /** Reads what a packet of this entry will need, so that the packets of a batch wait for memory together; answers nothing of meaning. */
    public int touch(int index) {
        if (index == NONE) {
            return 0;
        }
        long at = at(index);
        return MEMORY.get(INT, at + CLIENT) ^ MEMORY.get(INT, at + IN_PACKETS);
    }

    /**
     * The first entry that may be a client's, or {@link #NONE}. A look-up of that client's connections may as well begin there.
     *
     * @param first where to begin, by {@link #first}
     * @param clientLow the lower word of the address
     */
    public int ofClient(int first, long clientLow, int clientPort) {
        int index = first;
        while (index != NONE) {
            long at = at(index);
            if (MEMORY.get(LONG, at + CLIENT + 8) == clientLow
                    && (MEMORY.get(LONG, at + CLIENT_PORT) & 0xffff) == clientPort) {
                break;
            }
            index = MEMORY.get(INT, at + CHAIN);
        }
        return index;
    }

    /**
     * The connection of a packet from client to service. Templates are never found this way.
     *
     * @param first where to begin, by {@link #first}
     * @return {@link #NONE} when there is none
     */
    public int findInbound(
            int first,
            boolean ipv6,
            int protocol,
            long clientHigh,
            long clientLow,
            int clientPort,
            long virtualHigh,
            long virtualLow,
            int virtualPort) {
        return find(first, ipv6, protocol, clientHigh, clientLow, clientPort, virtualHigh, virtualLow, virtualPort, 0);
    }

    /** The template of this key, or {@link #NONE}. The client address is already masked. */
    public int findTemplate(
            boolean ipv6,
            int protocol,
            long clientHigh,
            long clientLow,
            long virtualHigh,
            long virtualLow,
            int virtualPort) {
        return find(
                first(protocol, clientHigh, clientLow, 0),
                ipv6,
                protocol,
                clientHigh,
                clientLow,
                0,
                virtualHigh,
                virtualLow,
                virtualPort,
                ConnectionFlag.TEMPLATE);
    }

    private int find(
            int first,
            boolean ipv6,
            int protocol,
            long clientHigh,
            long clientLow,
            int clientPort,
            long virtualHigh,
            long virtualLow,
            int virtualPort,
            int template) {
        // COMPAT: port 0 stands for a client's port that is not known yet; what comes from it belongs to no connection
        // (ip_vs_conn_in_get)
        int unknownPort = clientPort == 0 && template == 0 ? ConnectionFlag.NO_CLIENT_PORT : 0;
        int wanted = (ipv6 ? ConnectionFlag.IPV6 : 0) | template | unknownPort;
        long ports = clientPort | (long) virtualPort << 16 | (long) protocol << 48;
        int index = first;
        while (index != NONE) {
            long at = at(index);
            if (MEMORY.get(LONG, at + CLIENT + 8) == clientLow
                    && (MEMORY.get(LONG, at + CLIENT_PORT) & VIRTUAL_SIDE) == ports
                    && MEMORY.get(LONG, at + VIRTUAL + 8) == virtualLow
                    && MEMORY.get(LONG, at + CLIENT) == clientHigh
                    && MEMORY.get(LONG, at + VIRTUAL) == virtualHigh
                    && (MEMORY.get(INT, at + FLAGS)
                                    & (ConnectionFlag.IPV6
                                            | ConnectionFlag.TEMPLATE
                                            | ConnectionFlag.INVALIDATED
                                            | ConnectionFlag.NO_CLIENT_PORT))
                            == wanted) {
                return index;
            }
            index = MEMORY.get(INT, at + CHAIN);
        }
        return NONE;
    }

    /** The next entry behind this one with the same key, or {@link #NONE}; templates of a persistence engine share theirs. */
    public int nextLike(int index) {
        int next = chain(index);
        while (next != NONE) {
            if (clientLow(next) == clientLow(index)
                    && clientHigh(next) == clientHigh(index)
                    && clientPort(next) == clientPort(index)
                    && virtualPort(next) == virtualPort(index)
                    && virtualLow(next) == virtualLow(index)
                    && virtualHigh(next) == virtualHigh(index)
                    && protocol(next) == protocol(index)
                    && ((flags(next) ^ flags(index)) & (ConnectionFlag.IPV6 | ConnectionFlag.TEMPLATE)) == 0) {
                return next;
            }
            next = chain(next);
        }
        return NONE;
    }

    /**
     * The connection of a packet from real server to client: for masqueraded servers the packet comes from the server's address, for all others
     * from the service's.
     *
     * @param first where to begin, by {@link #first}
     */
    public int findOutbound(
            int first,
            boolean ipv6,
            int protocol,
            long clientHigh,
            long clientLow,
            int clientPort,
            long fromHigh,
            long fromLow,
            int fromPort) {
        int wanted = ipv6 ? ConnectionFlag.IPV6 : 0;
        long key = clientPort | (long) protocol << 48;
        int index = first;
        while (index != NONE) {
            long at = at(index);
            int flags = MEMORY.get(INT, at + FLAGS);
            boolean masqueraded = (flags & ConnectionFlag.METHOD) == ConnectionFlag.MASQUERADE;
            long from = at + (masqueraded ? DESTINATION : VIRTUAL);
            long ports = key | (long) fromPort << (masqueraded ? 32 : 16);
            if (MEMORY.get(LONG, at + CLIENT + 8) == clientLow
                    && (MEMORY.get(LONG, at + CLIENT_PORT) & (masqueraded ? DESTINATION_SIDE : VIRTUAL_SIDE)) == ports
                    && MEMORY.get(LONG, from + 8) == fromLow
                    && MEMORY.get(LONG, at + CLIENT) == clientHigh
                    && MEMORY.get(LONG, from) == fromHigh
                    && (flags & (ConnectionFlag.IPV6 | ConnectionFlag.TEMPLATE)) == wanted) {
                return index;
            }
            index = MEMORY.get(INT, at + CHAIN);
        }
        return NONE;
    }

    // ---- adding and removing ----

    /**
     * Adds an entry without a server; everything not given is 0. It expires after {@code timeoutMillis} unless touched.
     *
     * @return the index, or {@link #NONE} when the table is full
     */
    public int add(
            int flags,
            int protocol,
            long clientHigh,
            long clientLow,
            int clientPort,
            long virtualHigh,
            long virtualLow,
            int virtualPort,
            int timeoutMillis,
            long nowNanos) {
        int index = allocate();
        if (index == NONE) {
            return NONE;
        }
        long at = at(index);
        long deadline = nowNanos + timeoutMillis * 1_000_000L;
        MEMORY.set(LONG, at + CLIENT, clientHigh);
        MEMORY.set(LONG, at + CLIENT + 8, clientLow);
        MEMORY.set(LONG, at + VIRTUAL, virtualHigh);
        MEMORY.set(LONG, at + VIRTUAL + 8, virtualLow);
        MEMORY.set(LONG, at + DESTINATION, 0);
        MEMORY.set(LONG, at + DESTINATION + 8, 0);
        MEMORY.set(LONG, at + CLIENT_PORT, clientPort | (long) virtualPort << 16 | (long) protocol << 48);
        MEMORY.set(INT, at + FLAGS, flags);
        MEMORY.set(INT, at + SERVER, NONE);
        MEMORY.set(LONG, at + EXPIRES, deadline);
        MEMORY.set(INT, at + TIMEOUT, timeoutMillis);
        MEMORY.set(INT, at + IN_PACKETS, 0);
        MEMORY.set(INT, at + CONTROL, NONE);
        MEMORY.set(INT, at + CONTROLLED, 0);
        MEMORY.set(INT, at + MARK, 0);
        MEMORY.set(INT, at + EXTRA, 0);
        MEMORY.set(INT, at + CREATED, (int) (nowNanos / 1_000_000_000L));
        size++;
        buckets.link(index, hash(protocol, clientHigh, clientLow, clientPort));
        wheel.schedule(index, deadline);
        buckets.grow(size);
        return index;
    }

    private int allocate() {
        if (free == NONE) {
            return fresh();
        }
        int index = free;
        free = chain(index);
        return index;
    }

    /** Takes an entry out. Its index may be used again by the next {@link #add}. */
    public void remove(int index) {
        buckets.unlink(index, entryHash(index));
        wheel.cancel(index);
        timeoutMillis(index, -1);
        chain(index, free);
        free = index;
        size--;
    }

    /** Changes what an entry is found by; used for templates given up and for ports learnt late. */
    public void rekey(int index, int clientPort, int virtualPort, int destinationPort) {
        buckets.unlink(index, entryHash(index));
        long at = at(index);
        MEMORY.set(SHORT, at + CLIENT_PORT, (short) clientPort);
        MEMORY.set(SHORT, at + VIRTUAL_PORT, (short) virtualPort);
        MEMORY.set(SHORT, at + DESTINATION_PORT, (short) destinationPort);
        buckets.link(index, entryHash(index));
    }

    // ---- time ----

    /** What happens to an entry whose time has come. */
    @FunctionalInterface
    public interface ExpiryListener {
        /** Called once the deadline has passed; the listener must remove the entry or give it more time. */
        void expired(int index, long nowNanos);
    }

    /** Hands every entry whose deadline is at or before {@code nowNanos} to the listener. */
    public void expire(long nowNanos, ExpiryListener listener) {
        wheel.advance(nowNanos, listener);
    }

    /** Restarts the timer of an entry with its timeout. */
    public void restart(int index, long nowNanos) {
        restart(index, at(index), timeoutMillis(index), nowNanos);
    }

    /** Counts a packet from the client, sets the timeout and restarts the timer with it; answers how many packets there were. */
    public int packet(int index, int timeoutMillis, long nowNanos) {
        long at = at(index);
        // the timeout and the count stand side by side
        int packets = (int) (MEMORY.get(LONG, at + TIMEOUT) >>> 32) + 1;
        MEMORY.set(LONG, at + TIMEOUT, (long) packets << 32 | timeoutMillis);
        restart(index, at, timeoutMillis, nowNanos);
        return packets;
    }

    private void restart(int index, long at, int timeoutMillis, long nowNanos) {
        long deadline = nowNanos + timeoutMillis * 1_000_000L;
        long before = MEMORY.get(LONG, at + EXPIRES);
        MEMORY.set(LONG, at + EXPIRES, deadline);
        if (deadline < before) {
            sooner(index, deadline);
        }
    }

    // By itself: what every packet does stays small enough to be inlined.
    private void sooner(int index, long deadline) {
        wheel.cancel(index);
        wheel.schedule(index, deadline);
    }

    /** Restarts the timer with another time for this once; the entry's timeout stays. */
    public void restartIn(int index, int millis, long nowNanos) {
        long deadline = nowNanos + millis * 1_000_000L;
        MEMORY.set(LONG, at(index) + EXPIRES, deadline);
        sooner(index, deadline);
    }
}
