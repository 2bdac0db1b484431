package org.halvs.ipvs.forward;

import java.util.Locale;

/** Why a packet went nowhere. The names, in lower case, are those of the drop counters. */
public enum DropReason implements Verdict {
    /** A header is cut off, contradicts itself or lies about lengths. */
    MALFORMED,
    /** An IPv4 header checksum is wrong. */
    BAD_CHECKSUM,
    /** IPv4 options make no sense; the sender was told. */
    BAD_OPTIONS,
    /** IPv4 options say which way the packet is to take, or took: refused as with {@code accept_source_route=0}. */
    SOURCE_ROUTE,
    /** The hop limit ended here; the sender was told. */
    TTL_EXCEEDED,
    /** No real server is available; the client was told "port unreachable". */
    NO_DESTINATION,
    /** The connection's real server is gone from the table. */
    DESTINATION_GONE,
    /** Too big for the way and must not be fragmented; the sender was told. */
    TOO_BIG,
    /** Too big for a tunnel whose MTU is below what IP allows; nobody was told. */
    TUNNEL_TOO_SMALL,
    /** No route to the real server or to the client. */
    NO_ROUTE,
    /** The connection table is full. */
    TABLE_FULL,
    /** Refused by the defence {@code drop_packet}. */
    DEFENCE,
    /** The persistence engine found no key in the packet. */
    NO_PERSISTENCE_KEY,
    /** A masqueraded server's packet that belongs to no connection. */
    NO_CONNECTION,
    /** A masqueraded server's packet that belongs to no connection; the server was told ({@code nat_icmp_send}). */
    NO_CONNECTION_ANSWERED,
    /** A fragment that overlaps others, came too late or found the reassembly memory full. */
    FRAGMENT,
    /** The frame has no room for what has to be added to it. */
    NO_ROOM,
    /** Traffic from outside that would be translated to a loopback address, or comes from an address nobody has. */
    MARTIAN,
    /** An ICMP error that a tunnel's outer packet caused; it was turned into one for the client, or says nothing the client may hear. */
    TUNNEL_ERROR,
    /** An application helper could not make sense of the packet. */
    HELPER;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** The name in counters and logs: {@code no_destination}. */
    public String word() {
        return word;
    }
}
