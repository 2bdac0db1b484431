package org.halvs.ipvs.scheduler;

import java.util.Arrays;
import org.halvs.linux.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * mh: Maglev's consistent hashing of source addresses ({@code ip_vs_mh.c}). Goes by the last weight that was not 0, so that a server that is
 * drained and returns does not move the others' clients.
 */
final class MaglevHashing implements Scheduler {
    private static final int SIZE = 4093;
    /** Turns are scaled down so that the largest weight takes at most so many bits. */
    private static final int TURN_BITS = 6;

    private static final long KEY_1 = 2654435761L;
    private static final long KEY_2 = 2654446892L;

    private final @Nullable Destination[] cells = new Destination[SIZE];
    private final boolean ipv4;
    private final boolean fallback;
    private final boolean withPort;

    /** @param ipv4 whether the service has an IPv4 address */
    MaglevHashing(boolean ipv4, boolean fallback, boolean withPort) {
        this.ipv4 = ipv4;
        this.fallback = fallback;
        this.withPort = withPort;
    }

    /** How many servers it can tell apart; more are refused when they are added. */
    static int maxServers() {
        return SIZE;
    }

    @Override
    public @Nullable Destination choose(DestinationList servers, Flow flow) {
        int key = (withPort ? flow.sourcePort : 0) + flow.sourceWord();
        int start = cell(key, KEY_1);
        Destination chosen = cells[start];
        if (chosen == null || chosen.takesConnections()) {
            return chosen;
        }
        for (int offset = 0; fallback && offset < SIZE; offset++) {
            Destination other = cells[cell((offset + start) % SIZE + key, KEY_1)];
            if (other == null || other.takesConnections()) {
                return other;
            }
        }
        return null;
    }

    private static int cell(int value, long key) {
        return (int) (AddressHash.sipHash(value, key, key) % SIZE);
    }

    @Override
    public void started(DestinationList servers) {
        Arrays.fill(cells, null);
        int count = servers.size();
        int common = 0;
        int highest = 0;
        for (Destination each = servers.head(); each != null; each = each.next()) {
            if (each.lastWeight() > 0) {
                common = WeightedRoundRobin.greatestCommonDivisor(each.lastWeight(), common);
                highest = Math.max(highest, each.lastWeight());
            }
        }
        if (common == 0) {
            return;
        }
        int shift = Math.max(0, 32 - Integer.numberOfLeadingZeros(highest / common) - TURN_BITS);
        Destination[] order = new Destination[count];
        int[] position = new int[count];
        int[] skip = new int[count];
        int[] turns = new int[count];
        int next = 0;
        for (Destination each = servers.head(); each != null; each = each.next()) {
            int key = word(each.address()) + each.port();
            order[next] = each;
            position[next] = cell(key, KEY_1);
            skip[next] = (int) (AddressHash.sipHash(key, KEY_2, KEY_2) % (SIZE - 1)) + 1;
            turns[next] = each.lastWeight() == 0 ? 0 : Math.max(1, each.lastWeight() / common >> shift);
            next++;
        }
        fill(order, position, skip, turns);
    }

    /** COMPAT: the kernel takes an address for one of the service's family, so of an IPv6 server of an IPv4 service only the first word counts. */
    private int word(IpAddress server) {
        return ipv4 && !server.isIpv4() ? (int) (server.high() >>> 32) : AddressHash.word(server);
    }

    private void fill(Destination[] order, int[] position, int[] skip, int[] turns) {
        int filled = 0;
        while (true) {
            for (int i = 0; i < order.length; i++) {
                for (int turn = 0; turn < turns[i]; turn++) {
                    while (cells[position[i]] != null) {
                        position[i] = (position[i] + skip[i]) % SIZE;
                    }
                    cells[position[i]] = order[i];
                    if (++filled == SIZE) {
                        return;
                    }
                }
            }
        }
    }

    @Override
    public void added(DestinationList servers, Destination server) {
        started(servers);
    }

    @Override
    public void removed(DestinationList servers, Destination server, @Nullable Destination before) {
        started(servers);
    }

    @Override
    public void edited(DestinationList servers, Destination server) {
        started(servers);
    }
}
