package org.halvs.ipvs.packet;

import java.lang.foreign.MemorySegment;

/**
 * The options of one IPv4 header (RFC 791 section 3.1), as Linux treats them: what a router writes into them when the packet comes in and when it
 * leaves, and what of them an ICMP error about the packet repeats ({@code net/ipv4/ip_options.c}). Mutable and reused.
 */
public final class Ipv4Options {
    /** What became of the options of a packet that came in. */
    public enum Outcome {
        ACCEPTED,
        /** They make no sense; {@link #problem} says where. */
        BROKEN,
        /** The packet names the routers it is to pass (RFC 791: loose and strict source route), or did before it came here. */
        SOURCE_ROUTED
    }

    /** What a router writes into options. */
    public interface Scribe {
        /** The address it records for itself, in the lower 32 bits. */
        long ownAddress();

        /** Whether an address is that of another host: neither one of its own, nor one of several hosts, nor none. */
        boolean isAnothers(long address);

        /** The time as the timestamp option has it: 32 bits. */
        int timestamp();
    }

    private static final int END = 0;
    private static final int NO_OPERATION = 1;
    private static final int RECORD_ROUTE = 7;
    private static final int TIMESTAMP = 68;
    private static final int LOOSE_SOURCE_ROUTE = 131;
    private static final int SECURITY_LABEL = 134;
    private static final int STRICT_SOURCE_ROUTE = 137;
    private static final int ROUTER_ALERT = 148;

    // The kinds of timestamps, in the lower half of the option's fourth octet.
    private static final int TIMES = 0;
    private static final int ADDRESSES_AND_TIMES = 1;
    private static final int TIMES_OF_GIVEN_ADDRESSES = 3;

    private static final int MOST_OVERFLOWS = 15;
    /** Of an option with nothing wrong. */
    private static final int FINE = -1;

    /** The options as they came. */
    private final MemorySegment original = MemorySegment.ofArray(new byte[40]);

    private int length;
    private int problem;
    /** Where the options that matter begin, counted from the IP header; 0 without one. */
    private int recordRoute;

    private int timestamp;
    private int sourceRoute;
    private int securityLabel;
    /** Whether the entry in front of the pointer is to have the address this packet leaves by. */
    private boolean recordsAddress;

    private boolean stampsAddress;
    private boolean stampsTime;
    private boolean changed;

    private void clear() {
        length = 0;
        problem = 0;
        recordRoute = 0;
        timestamp = 0;
        sourceRoute = 0;
        securityLabel = 0;
        recordsAddress = false;
        stampsAddress = false;
        stampsTime = false;
        changed = false;
    }

    /** Becomes equal to other options. */
    public void set(Ipv4Options other) {
        MemorySegment.copy(other.original, 0, original, 0, other.length);
        length = other.length;
        problem = other.problem;
        recordRoute = other.recordRoute;
        timestamp = other.timestamp;
        sourceRoute = other.sourceRoute;
        securityLabel = other.securityLabel;
        recordsAddress = other.recordsAddress;
        stampsAddress = other.stampsAddress;
        stampsTime = other.stampsTime;
        changed = other.changed;
    }

    /** Where the options are {@link Outcome#BROKEN}: the octet, counted from the first one of the IP header, as "parameter problem" has it. */
    public int problem() {
        return problem;
    }

    /**
     * Reads the options of a packet that came in and writes this router into them. The header's checksum is left as it was.
     *
     * @param at where the IP header begins
     * @param headerLength of the IP header with its options in bytes, 20 to 60; all of them are readable
     */
    public Outcome receive(MemorySegment s, long at, int headerLength, Scribe scribe) {
        clear();
        length = headerLength - Ipv4.HEADER;
        Wire.copy(s, at + Ipv4.HEADER, original, 0, length);
        int option = Ipv4.HEADER;
        while (option < headerLength) {
            int kind = Wire.u8(s, at + option);
            if (kind == END) {
                blank(s, at + option, headerLength - option);
                break;
            }
            if (kind == NO_OPERATION) {
                option++;
                continue;
            }
            int room = headerLength - option;
            int size = room < 2 ? 0 : Wire.u8(s, at + option + 1);
            int wrong = size < 2 || size > room ? 0 : receive(s, at, option, kind, size, scribe);
            if (wrong != FINE) {
                problem = option + wrong;
                return Outcome.BROKEN;
            }
            option += size;
        }
        return sourceRoute == 0 ? Outcome.ACCEPTED : Outcome.SOURCE_ROUTED;
    }

    /** Behind the end of the list nothing is to stand. */
    private void blank(MemorySegment s, long from, int octets) {
        for (long each = from; each < from + octets; each++) {
            if (Wire.u8(s, each) != END) {
                Wire.put8(s, each, END);
                changed = true;
            }
        }
    }

    /** Answers which octet of the option is wrong, or {@link #FINE}. */
    private int receive(MemorySegment s, long at, int option, int kind, int size, Scribe scribe) {
        return switch (kind) {
            case RECORD_ROUTE -> record(s, at, option, size, scribe);
            case TIMESTAMP -> stamp(s, at, option, size, scribe);
            case LOOSE_SOURCE_ROUTE, STRICT_SOURCE_ROUTE -> routeBySource(s, at, option, size);
            case ROUTER_ALERT -> size < 4 ? 1 : FINE;
            case SECURITY_LABEL -> {
                securityLabel = option;
                // COMPAT: the kernel knows the domain of no label unless netlabelctl has told it one
                yield size < 8 ? 1 : 2;
            }
            default -> FINE;
        };
    }

    private int record(MemorySegment s, long at, int option, int size, Scribe scribe) {
        if (recordRoute != 0) {
            return 0;
        }
        if (size < 3) {
            return 1;
        }
        long begin = at + option;
        int pointer = Wire.u8(s, begin + 2);
        if (pointer < 4 || pointer <= size && pointer + 3 > size) {
            return 2;
        }
        recordRoute = option;
        if (pointer <= size) {
            Wire.put32(s, begin + pointer - 1, (int) scribe.ownAddress());
            Wire.put8(s, begin + 2, pointer + 4);
            recordsAddress = true;
            changed = true;
        }
        return FINE;
    }

    private int stamp(MemorySegment s, long at, int option, int size, Scribe scribe) {
        if (timestamp != 0) {
            return 0;
        }
        if (size < 4) {
            return 1;
        }
        long begin = at + option;
        int pointer = Wire.u8(s, begin + 2);
        int kind = Wire.u8(s, begin + 3) & 0xf;
        if (pointer < 5) {
            return 2;
        }
        if (pointer > size) {
            return countOverflow(s, begin, kind, option);
        }
        int entry = kind == ADDRESSES_AND_TIMES || kind == TIMES_OF_GIVEN_ADDRESSES ? 8 : 4;
        if (pointer + entry - 1 > size) {
            return 2;
        }
        timestamp = option;
        long slot = begin + pointer - 1;
        boolean stamps = switch (kind) {
            case TIMES -> true;
            case ADDRESSES_AND_TIMES -> {
                Wire.put32(s, slot, (int) scribe.ownAddress());
                stampsAddress = true;
                yield true;
            }
            case TIMES_OF_GIVEN_ADDRESSES -> !scribe.isAnothers(Wire.u32(s, slot));
            default -> false;
        };
        if (stamps) {
            Wire.put32(s, slot + entry - 4, scribe.timestamp());
            Wire.put8(s, begin + 2, pointer + entry);
            stampsTime = true;
            changed = true;
        }
        return FINE;
    }

    /** There is no room: the upper half of the fourth octet counts the routers that found none. */
    private int countOverflow(MemorySegment s, long begin, int kind, int option) {
        if (kind != TIMES_OF_GIVEN_ADDRESSES) {
            int overflows = Wire.u8(s, begin + 3) >>> 4;
            if (overflows == MOST_OVERFLOWS) {
                return 3;
            }
            Wire.put8(s, begin + 3, overflows + 1 << 4 | kind);
            changed = true;
        }
        timestamp = option;
        return FINE;
    }

    private int routeBySource(MemorySegment s, long at, int option, int size) {
        if (size < 3) {
            return 1;
        }
        if (Wire.u8(s, at + option + 2) < 4) {
            return 2;
        }
        if (sourceRoute != 0) {
            return 0;
        }
        sourceRoute = option;
        return FINE;
    }

    /**
     * Records the address a packet leaves by where {@link #receive} recorded the one it came to, as is done for what only passes a router. The
     * header's checksum is left as it was.
     *
     * <p>COMPAT: timestamps keep the address the packet came to.
     */
    public void forward(MemorySegment s, long at, long address) {
        if (recordsAddress) {
            Wire.put32(s, at + recordRoute + Wire.u8(s, at + recordRoute + 2) - 5, (int) address);
        }
    }

    /** Makes the header's checksum right where options were changed. */
    public void settle(MemorySegment s, long at) {
        if (changed) {
            Ipv4.writeChecksum(s, at);
        }
    }

    /** Gives the packet its options back as they came, with a right checksum. */
    public void restore(MemorySegment s, long at) {
        if (changed) {
            MemorySegment.copy(original, 0, s, at + Ipv4.HEADER, length);
            Ipv4.writeChecksum(s, at);
        }
    }

    /**
     * Where an ICMP error about a packet that was received goes first: to the last router of its source route that it has passed, else to its source.
     *
     * @param source of the packet
     */
    public long wayBack(MemorySegment s, long at, long source) {
        return sourceRoute == 0 || hopsBack(s, at, source) == 0
                ? source
                : Wire.u32(s, at + sourceRoute + passed(s, at) - 1);
    }

    /** How many hosts an error has to pass on its way back, the source included; 0 when it goes to the source without a route. */
    private int hopsBack(MemorySegment s, long at, long source) {
        int passed = passed(s, at);
        int hops = passed / 4;
        boolean begins = hops > 0 && Wire.u32(s, at + sourceRoute + passed % 4 + 3) == source;
        return begins ? hops - 1 : hops; // RFC 1812 section 5.3.13.4: a route that begins at the source itself
    }

    /** The place of the last address of the source route that the packet has passed, counted from 1; below 4 when there is none. */
    private int passed(MemorySegment s, long at) {
        int size = Wire.u8(s, at + sourceRoute + 1);
        return Math.min(Wire.u8(s, at + sourceRoute + 2), size + 1) - 4;
    }

    /**
     * Writes the options of an ICMP error about a packet that was received (RFC 1122 section 3.2.2): its recorded route and timestamps, with this
     * router once more as the one that sends the error, its source route turned around, and its security label.
     *
     * @param source of the packet
     * @param to gets at most 40 bytes
     * @return how many bytes they are, a multiple of 4; -1 when there is no room in them that adds up, and no error can be sent
     */
    public int echo(MemorySegment s, long at, long source, MemorySegment to, long toAt, long address, Scribe scribe) {
        int written = 0;
        if (recordRoute != 0) {
            int size = copy(s, at + recordRoute, to, toAt);
            int pointer = Wire.u8(to, toAt + 2);
            if (recordsAddress && pointer <= size) {
                if (pointer + 3 > size) {
                    return -1;
                }
                Wire.put32(to, toAt + pointer - 1, (int) address);
                Wire.put8(to, toAt + 2, pointer + 4);
            }
            written += size;
        }
        if (timestamp != 0) {
            int size = copy(s, at + timestamp, to, toAt + written);
            if (!echoTimestamp(to, toAt + written, size, address, scribe)) {
                return -1;
            }
            written += size;
        }
        if (sourceRoute != 0) {
            written += turnAround(s, at, source, to, toAt + written);
        }
        if (securityLabel != 0) {
            written += copy(s, at + securityLabel, to, toAt + written);
        }
        while (written % 4 != 0) {
            Wire.put8(to, toAt + written, END);
            written++;
        }
        return written;
    }

    /** Writes the routers a packet has passed in the other order, but for the last one, to which the error is sent, and behind them its source. */
    private int turnAround(MemorySegment s, long at, long source, MemorySegment to, long toAt) {
        int hops = hopsBack(s, at, source);
        if (hops == 0) {
            return 0;
        }
        int size = 3 + 4 * hops;
        Wire.put8(to, toAt, Wire.u8(s, at + sourceRoute));
        Wire.put8(to, toAt + 1, size);
        Wire.put8(to, toAt + 2, 4);
        long next = at + sourceRoute + passed(s, at) - 1;
        long last = toAt + size - 4;
        for (long router = toAt + 3; router < last; router += 4) {
            next -= 4;
            Wire.put32(to, router, Wire.i32(s, next));
        }
        Wire.put32(to, last, (int) source);
        return size;
    }

    private static int copy(MemorySegment s, long option, MemorySegment to, long toAt) {
        int size = Wire.u8(s, option + 1);
        Wire.copy(s, option, to, toAt, size);
        return size;
    }

    private boolean echoTimestamp(MemorySegment to, long begin, int size, long address, Scribe scribe) {
        int pointer = Wire.u8(to, begin + 2);
        if (pointer > size || !stampsTime) {
            return true;
        }
        int entry = stampsAddress ? 8 : 4;
        if ((Wire.u8(to, begin + 3) & 0xf) == TIMES_OF_GIVEN_ADDRESSES) {
            if (pointer + 3 > size) {
                return false;
            }
            entry = 8;
            if (pointer + 7 > size || scribe.isAnothers(Wire.u32(to, begin + pointer - 1))) {
                return true;
            }
        } else if (pointer + 3 > size || pointer + entry - 1 > size) {
            return false;
        }
        if (stampsAddress) {
            Wire.put32(to, begin + pointer - 1, (int) address);
        }
        Wire.put32(to, begin + pointer + entry - 5, scribe.timestamp());
        Wire.put8(to, begin + 2, pointer + entry);
        return true;
    }
}
