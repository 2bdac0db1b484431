package org.halvs.ipvs.connection;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;
import org.halvs.linux.MappedMemory;

/**
 * The fields of all connections, outside the heap: 112 bytes an entry, IPv6 included. An entry is known by its index, which is checked with every
 * access. Room for all entries is reserved at once; the system gives memory to it as entries are first used.
 */
abstract sealed class ConnectionFields permits ConnectionTable {
    /** No entry. */
    public static final int NONE = -1;

    /** Bytes of an entry. */
    public static final int ENTRY = 112;

    // What every packet needs stands in the first 80 bytes, which lie in two cache lines wherever an entry begins.
    static final int CLIENT = 0;
    static final int VIRTUAL = 16;
    static final int DESTINATION = 32;
    static final int CLIENT_PORT = 48;
    static final int VIRTUAL_PORT = 50;
    static final int DESTINATION_PORT = 52;
    static final int PROTOCOL = 54;
    static final int STATE = 55;
    static final int FLAGS = 56;
    static final int SERVER = 60;
    static final int EXPIRES = 64;
    static final int TIMEOUT = 72;
    static final int IN_PACKETS = 76;
    static final int CHAIN = 80;
    static final int WHEEL_NEXT = 84;
    static final int WHEEL_PREVIOUS = 88;
    static final int CONTROL = 92;
    static final int CONTROLLED = 96;
    static final int MARK = 100;
    static final int EXTRA = 104;
    static final int CREATED = 108;

    // Entries are aligned; what says otherwise spares a check with every access.
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    /** Fields are read by address: the index is the only thing to check. */
    static final MemorySegment MEMORY = MappedMemory.EVERYTHING;

    /** Unmapped when nobody holds the table any more. */
    private final MemorySegment reserved;

    private final long base;
    private final int capacity;
    private int used;

    /** @param wanted entries at most, 1 or more; fewer when the system grants no such room */
    ConnectionFields(int wanted) {
        if (wanted < 1) {
            throw new IllegalArgumentException("capacity " + wanted);
        }
        reserved = MappedMemory.reserve((long) wanted * ENTRY, ENTRY, Arena.ofAuto());
        base = reserved.address();
        capacity = (int) (reserved.byteSize() / ENTRY);
    }

    /** Entries at most. */
    public int capacity() {
        return capacity;
    }

    /** One above the highest index ever used: a walk from 0 to here with {@link #exists} sees every entry. */
    public int limit() {
        return used;
    }

    /** An entry never used before, or {@link #NONE} when there is none left. */
    int fresh() {
        return used == capacity ? NONE : used++;
    }

    /** Whether there is an entry at an index below {@link #limit()}. */
    public boolean exists(int index) {
        return MEMORY.get(INT, at(index) + TIMEOUT) >= 0;
    }

    long at(int index) {
        return (base & MappedMemory.ADDRESS) + (long) Objects.checkIndex(index, used) * ENTRY;
    }

    public int protocol(int index) {
        return MEMORY.get(BYTE, at(index) + PROTOCOL) & 0xff;
    }

    public long clientHigh(int index) {
        return MEMORY.get(LONG, at(index) + CLIENT);
    }

    public long clientLow(int index) {
        return MEMORY.get(LONG, at(index) + CLIENT + 8);
    }

    public int clientPort(int index) {
        return MEMORY.get(SHORT, at(index) + CLIENT_PORT) & 0xffff;
    }

    public long virtualHigh(int index) {
        return MEMORY.get(LONG, at(index) + VIRTUAL);
    }

    public long virtualLow(int index) {
        return MEMORY.get(LONG, at(index) + VIRTUAL + 8);
    }

    public int virtualPort(int index) {
        return MEMORY.get(SHORT, at(index) + VIRTUAL_PORT) & 0xffff;
    }

    public long destinationHigh(int index) {
        return MEMORY.get(LONG, at(index) + DESTINATION);
    }

    public long destinationLow(int index) {
        return MEMORY.get(LONG, at(index) + DESTINATION + 8);
    }

    public int destinationPort(int index) {
        return MEMORY.get(SHORT, at(index) + DESTINATION_PORT) & 0xffff;
    }

    public void destination(int index, long high, long low, int port) {
        long at = at(index);
        MEMORY.set(LONG, at + DESTINATION, high);
        MEMORY.set(LONG, at + DESTINATION + 8, low);
        MEMORY.set(SHORT, at + DESTINATION_PORT, (short) port);
    }

    /** The state's number in its protocol's machine. */
    public int state(int index) {
        return MEMORY.get(BYTE, at(index) + STATE);
    }

    public void state(int index, int state) {
        MEMORY.set(BYTE, at(index) + STATE, (byte) state);
    }

    /** See {@link ConnectionFlag}. */
    public int flags(int index) {
        return MEMORY.get(INT, at(index) + FLAGS);
    }

    public void flags(int index, int flags) {
        MEMORY.set(INT, at(index) + FLAGS, flags);
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
        return MEMORY.get(INT, at(index) + SERVER);
    }

    public void server(int index, int server) {
        MEMORY.set(INT, at(index) + SERVER, server);
    }

    public int timeoutMillis(int index) {
        return MEMORY.get(INT, at(index) + TIMEOUT);
    }

    /** Counts from the next {@link ConnectionTable#restart} on; 0 or more. */
    public void timeoutMillis(int index, int millis) {
        MEMORY.set(INT, at(index) + TIMEOUT, millis);
    }

    /** The template or connection this one depends on, or {@link #NONE}. */
    public int control(int index) {
        return MEMORY.get(INT, at(index) + CONTROL);
    }

    /** Makes {@code index} depend on {@code control}, or on nothing when that is {@link #NONE}; both ends are kept right. */
    public void control(int index, int control) {
        int before = control(index);
        if (before != NONE) {
            MEMORY.set(INT, at(before) + CONTROLLED, controlled(before) - 1);
        }
        MEMORY.set(INT, at(index) + CONTROL, control);
        if (control != NONE) {
            MEMORY.set(INT, at(control) + CONTROLLED, controlled(control) + 1);
        }
    }

    /** How many entries depend on this one. */
    public int controlled(int index) {
        return MEMORY.get(INT, at(index) + CONTROLLED);
    }

    /** Packets from the client so far. */
    public int inPackets(int index) {
        return MEMORY.get(INT, at(index) + IN_PACKETS);
    }

    /** Counts a packet from the client; answers how many there were. */
    public int countInPacket(int index) {
        long at = at(index) + IN_PACKETS;
        int packets = MEMORY.get(INT, at) + 1;
        MEMORY.set(INT, at, packets);
        return packets;
    }

    /** Makes the count go on from here. */
    public void inPackets(int index, int packets) {
        MEMORY.set(INT, at(index) + IN_PACKETS, packets);
    }

    /** The firewall mark of the connection's service, as a 32-bit number; 0 for none. */
    public int mark(int index) {
        return MEMORY.get(INT, at(index) + MARK);
    }

    public void mark(int index, int mark) {
        MEMORY.set(INT, at(index) + MARK, mark);
    }

    /** The number of a record kept elsewhere for the few connections that need more than fits here; 0 for none. */
    public int extra(int index) {
        return MEMORY.get(INT, at(index) + EXTRA);
    }

    public void extra(int index, int extra) {
        MEMORY.set(INT, at(index) + EXTRA, extra);
    }

    /** When the entry was made, in whole seconds of the caller's clock (modulo 2^32). */
    public int createdSeconds(int index) {
        return MEMORY.get(INT, at(index) + CREATED);
    }

    int wheelNext(int index) {
        return MEMORY.get(INT, at(index) + WHEEL_NEXT);
    }

    void wheelNext(int index, int next) {
        MEMORY.set(INT, at(index) + WHEEL_NEXT, next);
    }

    int wheelPrevious(int index) {
        return MEMORY.get(INT, at(index) + WHEEL_PREVIOUS);
    }

    void wheelPrevious(int index, int previous) {
        MEMORY.set(INT, at(index) + WHEEL_PREVIOUS, previous);
    }

    /** The time at which the entry expires unless touched. */
    public long expiresNanos(int index) {
        return MEMORY.get(LONG, at(index) + EXPIRES);
    }

    int chain(int index) {
        return MEMORY.get(INT, at(index) + CHAIN);
    }

    void chain(int index, int next) {
        MEMORY.set(INT, at(index) + CHAIN, next);
    }
}
