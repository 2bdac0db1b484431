package org.halvs.ha.membership.path;

import org.halvs.ha.membership.path.Authenticator.Kind;
import org.halvs.linux.BpfFilter;
import org.halvs.linux.BpfFilter.Ancillary;

/**
 * What the kernel lets through to a path's socket: datagrams that claim to be from a node of ha.cf, or from this one. Of all others one in {@value #ONE_IN}, so that
 * the log can tell of a node that ha.cf does not list, and so that a flood neither fills the socket nor costs this process anything. It trusts nobody: what comes
 * through is verified as ever.
 */
final class DatagramFilter {
    private static final int ONE_IN = 16;
    /** A filter of a UDP socket counts from the UDP header. */
    private static final int UDP_HEADER = 8;

    private DatagramFilter() {}

    /** What a socket is for, where a path has two: routine heartbeats, or what is to be read at once. */
    enum Part {
        ALL,
        ROUTINE,
        NEWS
    }

    /** Which of the two sockets gets a datagram: 0 for {@link Part#ROUTINE}, 1 for {@link Part#NEWS}. */
    static BpfFilter chooser() {
        return BpfFilter.builder()
                .loadByte(Authenticator.KIND_AT)
                .chooseIfEqual(Kind.HEARTBEAT.ordinal(), 0)
                .choose(1)
                .build();
    }

    static BpfFilter of(Roster roster, Part part) {
        BpfFilter.Builder filter = BpfFilter.builder();
        if (part != Part.ALL) {
            filter.loadByte(UDP_HEADER + Authenticator.KIND_AT);
            if (part == Part.ROUTINE) {
                filter.rejectUnlessEqual(Kind.HEARTBEAT.ordinal());
            } else {
                filter.rejectIfEqual(Kind.HEARTBEAT.ordinal());
            }
        }
        filter.loadWord(UDP_HEADER + Authenticator.SENDER_AT);
        add(filter, roster.localKey());
        for (int peer = 0; peer < roster.size(); peer++) {
            add(filter, roster.key(peer));
        }
        return filter.loadAncillary(Ancillary.RANDOM)
                .and(ONE_IN - 1)
                .rejectUnlessEqual(0)
                .accept()
                .build();
    }

    private static void add(BpfFilter.Builder filter, long key) {
        BpfFilter.Builder rest = BpfFilter.builder()
                .loadWord(UDP_HEADER + Authenticator.SENDER_AT + Integer.BYTES)
                .acceptIfEqual((int) key)
                .loadWord(UDP_HEADER + Authenticator.SENDER_AT);
        filter.ifEqual((int) (key >>> Integer.SIZE), rest);
    }
}
