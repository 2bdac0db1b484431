package org.halvs.ipvs.connection;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * All connections and templates, outside the heap: 112 bytes an entry, IPv6 included, and 8 bytes of hash buckets.
 *
 * <p>An entry is known by its index, 0 or higher, until it is removed. It is hashed once, by protocol, client address and client port, so that
 * both directions of a connection are found by the client's side ({@code net/netfilter/ipvs/ip_vs_conn.c}). The hash is keyed with a seed, which
 * keeps a stranger from choosing addresses that collide. There are two buckets an entry, so that most look-ups meet the right one first. Buckets are
 * split one by one as the table grows (linear hashing), memory is taken in pieces of up to 2 MiB: no operation ever walks the whole table.
 *
 * <p>Expiry goes by a {@link TimerWheel}. A packet only writes the new deadline; an entry whose time on the wheel has come but whose deadline
 * moved is put further on. All entries whose deadline has passed are gone after {@link #expire}.
 */
public final class ConnectionTable {
    /** No entry. */
    public static final int NONE = -1;

    /** Bytes of an entry. */
    public static final int ENTRY = 112;

    private static final int CHUNK_BITS = 14;
    private static final int CHUNK_MASK = (1 << CHUNK_BITS) - 1;
    /** Buckets of a piece. */
    private static final int HEAD_BITS = 14;

    private static final int HEAD_MASK = (1 << HEAD_BITS) - 1;

    // What every packet needs stands in the first 80 bytes, which lie in two cache lines wherever an entry begins.
    private static final int CLIENT = 0;
    private static final int VIRTUAL = 16;
    private static final int DESTINATION = 32;
    private static final int CLIENT_PORT = 48;
    private static final int VIRTUAL_PORT = 50;
    private static final int DESTINATION_PORT = 52;
    private static final int PROTOCOL = 54;
    private static final int STATE = 55;
    private static final int FLAGS = 56;
    private static final int SERVER = 60;
    private static final int EXPIRES = 64;
    private static final int TIMEOUT = 72;
    private static final int IN_PACKETS = 76;
    private static final int CHAIN = 80;
    private static final int WHEEL_NEXT = 84;
    private static final int WHEEL_PREVIOUS = 88;
    private static final int CONTROL = 92;
    private static final int CONTROLLED = 96;
    private static final int MARK = 100;
    private static final int EXTRA = 104;
    private static final int CREATED = 108;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private static final long PRIME_1 = 0xa0761d6478bd642fL;
    private static final long PRIME_2 = 0xe7037ed1a0b428dbL;

    private final long seed1;
    private final long seed2;
    private int capacity;
    private final TimerWheel wheel;
    private final Arena arena = Arena.ofAuto();
    private MemorySegment[] chunks = new MemorySegment[0];
    /** The first entry of each bucket, in pieces. */
    private MemorySegment[] heads = new MemorySegment[0];

    /** Buckets in use: {@code 2^level + split}. */
    private int level;

    private int split;
    private int used;
    private int size;
    private int free = NONE;

    /**
     * @param seed of the hash; the same seed gives the same order of entries
     * @param capacity entries at most, 1 or more
     * @param nowNanos the time from which the wheel turns
     */
    public ConnectionTable(long seed, int capacity, long nowNanos) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity " + capacity);
        }
        this.seed1 = mix(seed ^ PRIME_1, PRIME_2);
        this.seed2 = mix(seed1 ^ PRIME_2, seed ^ PRIME_1) | 1;
        this.capacity = capacity;
        this.level = 10;
        if (!addHeads()) {
            throw new IllegalStateException("no memory for a connection table");
        }
        this.wheel = new TimerWheel(this, nowNanos);
    }

    /** How many entries there are. */
    public int size() {
        return size;
    }

    /** Entries at most; becomes smaller when the system gives no more memory. */
    public int capacity() {
        return capacity;
    }

    /** One above the highest index ever used: a walk from 0 to here with {@link #exists} sees every entry. */
    public int limit() {
        return used;
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

    private int bucket(int hash) {
        int low = hash & (1 << level) - 1;
        return low < split ? hash & (1 << level + 1) - 1 : low;
    }

    /** The entry a look-up of this hash looks at first, or {@link #NONE}; for {@link #touch}. */
    public int first(int hash) {
        return head(bucket(hash));
    }

    /** Reads what a packet of this entry will need, so that the packets of a batch wait for memory together; answers nothing of meaning. */
    public int touch(int index) {
        if (index == NONE) {
            return 0;
        }
        MemorySegment s = segment(index);
        long at = at(index);
        return s.get(INT, at + CLIENT) ^ s.get(INT, at + IN_PACKETS);
    }

    /**
     * The connection of a packet from client to service. Templates are never found this way.
     *
     * @return {@link #NONE} when there is none
     */
    public int findInbound(
            int hash,
            boolean ipv6,
            int protocol,
            long clientHigh,
            long clientLow,
            int clientPort,
            long virtualHigh,
            long virtualLow,
            int virtualPort) {
        return find(hash, ipv6, protocol, clientHigh, clientLow, clientPort, virtualHigh, virtualLow, virtualPort, 0);
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
                hash(protocol, clientHigh, clientLow, 0),
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
            int hash,
            boolean ipv6,
            int protocol,
            long clientHigh,
            long clientLow,
            int clientPort,
            long virtualHigh,
            long virtualLow,
            int virtualPort,
            int template) {
        int wanted = (ipv6 ? ConnectionFlag.IPV6 : 0) | template;
        int index = head(bucket(hash));
        while (index != NONE) {
            MemorySegment s = segment(index);
            long at = at(index);
            if (s.get(LONG, at + CLIENT + 8) == clientLow
                    && s.get(LONG, at + CLIENT) == clientHigh
                    && s.get(SHORT, at + CLIENT_PORT) == (short) clientPort
                    && s.get(SHORT, at + VIRTUAL_PORT) == (short) virtualPort
                    && s.get(LONG, at + VIRTUAL + 8) == virtualLow
                    && s.get(LONG, at + VIRTUAL) == virtualHigh
                    && s.get(BYTE, at + PROTOCOL) == (byte) protocol
                    && (s.get(INT, at + FLAGS)
                                    & (ConnectionFlag.IPV6 | ConnectionFlag.TEMPLATE | ConnectionFlag.INVALIDATED))
                            == wanted) {
                return index;
            }
            index = s.get(INT, at + CHAIN);
        }
        return NONE;
    }

    /** The next entry behind this one with the same key, or {@link #NONE}; templates of a persistence engine share theirs. */
    public int nextLike(int index) {
        int next = segment(index).get(INT, at(index) + CHAIN);
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
            next = segment(next).get(INT, at(next) + CHAIN);
        }
        return NONE;
    }

    /**
     * The connection of a packet from real server to client: for masqueraded servers the packet comes from the server's address, for all others
     * from the service's.
     */
    public int findOutbound(
            int hash,
            boolean ipv6,
            int protocol,
            long clientHigh,
            long clientLow,
            int clientPort,
            long fromHigh,
            long fromLow,
            int fromPort) {
        int wanted = ipv6 ? ConnectionFlag.IPV6 : 0;
        int index = head(bucket(hash));
        while (index != NONE) {
            MemorySegment s = segment(index);
            long at = at(index);
            int flags = s.get(INT, at + FLAGS);
            boolean masqueraded = (flags & ConnectionFlag.METHOD) == ConnectionFlag.MASQUERADE;
            long from = at + (masqueraded ? DESTINATION : VIRTUAL);
            if (s.get(LONG, at + CLIENT + 8) == clientLow
                    && s.get(LONG, at + CLIENT) == clientHigh
                    && s.get(SHORT, at + CLIENT_PORT) == (short) clientPort
                    && s.get(SHORT, at + (masqueraded ? DESTINATION_PORT : VIRTUAL_PORT)) == (short) fromPort
                    && s.get(LONG, from + 8) == fromLow
                    && s.get(LONG, from) == fromHigh
                    && s.get(BYTE, at + PROTOCOL) == (byte) protocol
                    && (flags & (ConnectionFlag.IPV6 | ConnectionFlag.TEMPLATE)) == wanted) {
                return index;
            }
            index = s.get(INT, at + CHAIN);
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
        MemorySegment s = segment(index);
        long at = at(index);
        for (long field = at; field < at + ENTRY; field += Long.BYTES) {
            s.set(LONG, field, 0);
        }
        s.set(LONG, at + CLIENT, clientHigh);
        s.set(LONG, at + CLIENT + 8, clientLow);
        s.set(SHORT, at + CLIENT_PORT, (short) clientPort);
        s.set(LONG, at + VIRTUAL, virtualHigh);
        s.set(LONG, at + VIRTUAL + 8, virtualLow);
        s.set(SHORT, at + VIRTUAL_PORT, (short) virtualPort);
        s.set(BYTE, at + PROTOCOL, (byte) protocol);
        s.set(INT, at + FLAGS, flags);
        s.set(INT, at + SERVER, NONE);
        s.set(INT, at + CONTROL, NONE);
        s.set(INT, at + TIMEOUT, timeoutMillis);
        s.set(INT, at + CREATED, (int) (nowNanos / 1_000_000_000L));
        s.set(LONG, at + EXPIRES, nowNanos + timeoutMillis * 1_000_000L);
        size++;
        link(index);
        wheel.schedule(index, nowNanos + timeoutMillis * 1_000_000L);
        // Twice, so that there are two buckets an entry in the end.
        splitBucket();
        splitBucket();
        return index;
    }

    /** Takes an entry out. Its index may be used again by the next {@link #add}. */
    public void remove(int index) {
        unlink(index);
        wheel.cancel(index);
        segment(index).set(INT, at(index) + TIMEOUT, -1);
        segment(index).set(INT, at(index) + CHAIN, free);
        free = index;
        size--;
    }

    /** Whether there is an entry at an index below {@link #limit()}. */
    public boolean exists(int index) {
        return segment(index).get(INT, at(index) + TIMEOUT) >= 0;
    }

    /** Changes what an entry is found by; used for templates given up and for ports learnt late. */
    public void rekey(int index, int clientPort, int virtualPort, int destinationPort) {
        unlink(index);
        MemorySegment s = segment(index);
        long at = at(index);
        s.set(SHORT, at + CLIENT_PORT, (short) clientPort);
        s.set(SHORT, at + VIRTUAL_PORT, (short) virtualPort);
        s.set(SHORT, at + DESTINATION_PORT, (short) destinationPort);
        link(index);
    }

    private int allocate() {
        if (free != NONE) {
            int index = free;
            free = segment(index).get(INT, at(index) + CHAIN);
            return index;
        }
        if (used == capacity) {
            return NONE;
        }
        if (used >>> CHUNK_BITS == chunks.length) {
            MemorySegment chunk = memory(Math.min(1L << CHUNK_BITS, capacity - used) * ENTRY);
            if (chunk == null) {
                capacity = used;
                return NONE;
            }
            chunks = Arrays.copyOf(chunks, chunks.length + 1);
            chunks[chunks.length - 1] = chunk;
        }
        return used++;
    }

    /** New memory, or null when there is none: then the table is as large as it can be, and forwarding goes on with what it holds. */
    private @Nullable MemorySegment memory(long bytes) {
        try {
            return arena.allocate(bytes, 64);
        } catch (OutOfMemoryError _) {
            return null;
        }
    }

    private int entryHash(int index) {
        return hash(protocol(index), clientHigh(index), clientLow(index), clientPort(index));
    }

    /** A new entry goes to the head of its bucket. */
    private void link(int index) {
        int bucket = bucket(entryHash(index));
        segment(index).set(INT, at(index) + CHAIN, head(bucket));
        head(bucket, index);
    }

    private void unlink(int index) {
        int bucket = bucket(entryHash(index));
        int next = segment(index).get(INT, at(index) + CHAIN);
        int before = head(bucket);
        if (before == index) {
            head(bucket, next);
            return;
        }
        while (true) {
            int following = segment(before).get(INT, at(before) + CHAIN);
            if (following == index) {
                segment(before).set(INT, at(before) + CHAIN, next);
                return;
            }
            before = following;
        }
    }

    private void splitBucket() {
        int high = (1 << level) + split;
        if (high >= 2L * size) {
            return;
        }
        if (high >>> HEAD_BITS == heads.length && !addHeads()) {
            return;
        }
        int from = split;
        if (++split == 1 << level) {
            level++;
            split = 0;
        }
        int stay = NONE;
        int move = NONE;
        int index = head(from);
        head(from, NONE);
        while (index != NONE) {
            MemorySegment s = segment(index);
            long link = at(index) + CHAIN;
            int next = s.get(INT, link);
            int previous;
            if (bucket(entryHash(index)) == from) {
                previous = stay;
                stay = index;
                if (previous == NONE) {
                    head(from, index);
                } else {
                    segment(previous).set(INT, at(previous) + CHAIN, index);
                }
            } else {
                previous = move;
                move = index;
                if (previous == NONE) {
                    head(high, index);
                } else {
                    segment(previous).set(INT, at(previous) + CHAIN, index);
                }
            }
            s.set(INT, link, NONE);
            index = next;
        }
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
        MemorySegment s = segment(index);
        long at = at(index);
        long deadline = nowNanos + s.get(INT, at + TIMEOUT) * 1_000_000L;
        long before = s.get(LONG, at + EXPIRES);
        s.set(LONG, at + EXPIRES, deadline);
        if (deadline < before) {
            wheel.cancel(index);
            wheel.schedule(index, deadline);
        }
    }

    /** Restarts the timer with another time for this once; the entry's timeout stays. */
    public void restartIn(int index, int millis, long nowNanos) {
        long deadline = nowNanos + millis * 1_000_000L;
        segment(index).set(LONG, at(index) + EXPIRES, deadline);
        wheel.cancel(index);
        wheel.schedule(index, deadline);
    }

    /** The time at which the entry expires unless touched. */
    public long expiresNanos(int index) {
        return segment(index).get(LONG, at(index) + EXPIRES);
    }

    // ---- fields ----

    public int protocol(int index) {
        return segment(index).get(BYTE, at(index) + PROTOCOL) & 0xff;
    }

    public long clientHigh(int index) {
        return segment(index).get(LONG, at(index) + CLIENT);
    }

    public long clientLow(int index) {
        return segment(index).get(LONG, at(index) + CLIENT + 8);
    }

    public int clientPort(int index) {
        return segment(index).get(SHORT, at(index) + CLIENT_PORT) & 0xffff;
    }

    public long virtualHigh(int index) {
        return segment(index).get(LONG, at(index) + VIRTUAL);
    }

    public long virtualLow(int index) {
        return segment(index).get(LONG, at(index) + VIRTUAL + 8);
    }

    public int virtualPort(int index) {
        return segment(index).get(SHORT, at(index) + VIRTUAL_PORT) & 0xffff;
    }

    public long destinationHigh(int index) {
        return segment(index).get(LONG, at(index) + DESTINATION);
    }

    public long destinationLow(int index) {
        return segment(index).get(LONG, at(index) + DESTINATION + 8);
    }

    public int destinationPort(int index) {
        return segment(index).get(SHORT, at(index) + DESTINATION_PORT) & 0xffff;
    }

    public void destination(int index, long high, long low, int port) {
        MemorySegment s = segment(index);
        long at = at(index);
        s.set(LONG, at + DESTINATION, high);
        s.set(LONG, at + DESTINATION + 8, low);
        s.set(SHORT, at + DESTINATION_PORT, (short) port);
    }

    /** The state's number in its protocol's machine. */
    public int state(int index) {
        return segment(index).get(BYTE, at(index) + STATE);
    }

    public void state(int index, int state) {
        segment(index).set(BYTE, at(index) + STATE, (byte) state);
    }

    /** See {@link ConnectionFlag}. */
    public int flags(int index) {
        return segment(index).get(INT, at(index) + FLAGS);
    }

    public void flags(int index, int flags) {
        segment(index).set(INT, at(index) + FLAGS, flags);
    }

    public boolean has(int index, int flag) {
        return (flags(index) & flag) != 0;
    }

    public boolean isIpv6(int index) {
        return has(index, ConnectionFlag.IPV6);
    }

    public boolean isTemplate(int index) {
        return has(index, ConnectionFlag.TEMPLATE);
    }

    /** The number of the real server, or {@link #NONE}. */
    public int server(int index) {
        return segment(index).get(INT, at(index) + SERVER);
    }

    public void server(int index, int server) {
        segment(index).set(INT, at(index) + SERVER, server);
    }

    public int timeoutMillis(int index) {
        return segment(index).get(INT, at(index) + TIMEOUT);
    }

    /** Counts from the next {@link #restart} on; 0 or more. */
    public void timeoutMillis(int index, int millis) {
        segment(index).set(INT, at(index) + TIMEOUT, millis);
    }

    /** The template or connection this one depends on, or {@link #NONE}. */
    public int control(int index) {
        return segment(index).get(INT, at(index) + CONTROL);
    }

    /** Makes {@code index} depend on {@code control}, or on nothing when that is {@link #NONE}; both ends are kept right. */
    public void control(int index, int control) {
        int before = control(index);
        if (before != NONE) {
            segment(before).set(INT, at(before) + CONTROLLED, controlled(before) - 1);
        }
        segment(index).set(INT, at(index) + CONTROL, control);
        if (control != NONE) {
            segment(control).set(INT, at(control) + CONTROLLED, controlled(control) + 1);
        }
    }

    /** How many entries depend on this one. */
    public int controlled(int index) {
        return segment(index).get(INT, at(index) + CONTROLLED);
    }

    /** Packets from the client so far. */
    public int inPackets(int index) {
        return segment(index).get(INT, at(index) + IN_PACKETS);
    }

    public void countInPacket(int index) {
        long at = at(index) + IN_PACKETS;
        MemorySegment s = segment(index);
        s.set(INT, at, s.get(INT, at) + 1);
    }

    public void inPackets(int index, int packets) {
        segment(index).set(INT, at(index) + IN_PACKETS, packets);
    }

    /** The firewall mark of the connection's service, as a 32-bit number; 0 for none. */
    public int mark(int index) {
        return segment(index).get(INT, at(index) + MARK);
    }

    public void mark(int index, int mark) {
        segment(index).set(INT, at(index) + MARK, mark);
    }

    /** The number of a record kept elsewhere for the few connections that need more than fits here; 0 for none. */
    public int extra(int index) {
        return segment(index).get(INT, at(index) + EXTRA);
    }

    public void extra(int index, int extra) {
        segment(index).set(INT, at(index) + EXTRA, extra);
    }

    /** When the entry was made, in whole seconds of the caller's clock (modulo 2^32). */
    public int createdSeconds(int index) {
        return segment(index).get(INT, at(index) + CREATED);
    }

    int wheelNext(int index) {
        return segment(index).get(INT, at(index) + WHEEL_NEXT);
    }

    void wheelNext(int index, int next) {
        segment(index).set(INT, at(index) + WHEEL_NEXT, next);
    }

    int wheelPrevious(int index) {
        return segment(index).get(INT, at(index) + WHEEL_PREVIOUS);
    }

    void wheelPrevious(int index, int previous) {
        segment(index).set(INT, at(index) + WHEEL_PREVIOUS, previous);
    }

    private MemorySegment segment(int index) {
        return chunks[index >>> CHUNK_BITS];
    }

    private int head(int bucket) {
        return heads[bucket >>> HEAD_BITS].get(INT, (long) (bucket & HEAD_MASK) * Integer.BYTES);
    }

    private void head(int bucket, int index) {
        heads[bucket >>> HEAD_BITS].set(INT, (long) (bucket & HEAD_MASK) * Integer.BYTES, index);
    }

    private boolean addHeads() {
        MemorySegment added = memory((long) Integer.BYTES << HEAD_BITS);
        if (added == null) {
            return false;
        }
        // NONE in every byte
        added.fill((byte) NONE);
        heads = Arrays.copyOf(heads, heads.length + 1);
        heads[heads.length - 1] = added;
        return true;
    }

    private static long at(int index) {
        return (long) (index & CHUNK_MASK) * ENTRY;
    }
}
