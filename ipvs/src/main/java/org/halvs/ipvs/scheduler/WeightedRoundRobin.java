package org.halvs.ipvs.scheduler;

import org.jspecify.annotations.Nullable;

/**
 * wrr: in turn, the more often the higher the weight ({@code ip_vs_wrr.c}). A level falls from the highest weight in steps of the greatest
 * common divisor; a pass over the list serves every server whose weight reaches the level.
 */
final class WeightedRoundRobin implements Scheduler {
    /** The last choice; null stands for the head of the list. */
    private @Nullable Destination current;

    private int level;
    private int highest;
    private int divisor = 1;

    @Override
    public @Nullable Destination choose(DestinationList servers, Flow flow) {
        if (highest == 0) {
            return null;
        }
        Destination start = current;
        Destination stop = null;
        boolean lowestSeen = false;
        boolean restarted = false;
        Destination each = start == null ? servers.head() : start.next();
        while (true) {
            for (; each != null; each = each.next()) {
                if (!each.isOverloaded() && each.weight() >= level) {
                    current = each;
                    return each;
                }
                if (each.equals(stop)) {
                    current = each;
                    return null;
                }
            }
            level -= divisor;
            if (level <= 0) {
                level = highest;
                // The lowest level was tried from the head of the list on: nobody takes the connection.
                if (lowestSeen || start == null) {
                    current = null;
                    return null;
                }
                restarted = true;
            }
            lowestSeen |= level <= divisor;
            if (lowestSeen && restarted && start != null) {
                // The servers behind the start were tried on the lowest level; those up to it remain.
                stop = start;
            }
            each = servers.head();
        }
    }

    @Override
    public void started(DestinationList servers) {
        current = null;
        divisor = divisor(servers);
        highest = highest(servers);
        level = highest;
    }

    @Override
    public void added(DestinationList servers, Destination server) {
        changed(servers);
    }

    @Override
    public void removed(DestinationList servers, Destination server, @Nullable Destination before) {
        changed(servers);
    }

    @Override
    public void edited(DestinationList servers, Destination server) {
        changed(servers);
    }

    private void changed(DestinationList servers) {
        current = null;
        divisor = divisor(servers);
        highest = highest(servers);
        if (level > highest || level == 0) {
            level = highest;
        } else if (divisor > 1) {
            level = level / divisor * divisor + 1;
        }
    }

    private static int divisor(DestinationList servers) {
        int common = 0;
        for (Destination each = servers.head(); each != null; each = each.next()) {
            if (each.weight() > 0) {
                common = common == 0 ? each.weight() : greatestCommonDivisor(each.weight(), common);
            }
        }
        return common == 0 ? 1 : common;
    }

    private int highest(DestinationList servers) {
        int weight = 0;
        for (Destination each = servers.head(); each != null; each = each.next()) {
            weight = Math.max(weight, each.weight());
        }
        return weight == 0 ? 0 : weight - (divisor - 1);
    }

    static int greatestCommonDivisor(int a, int b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }
}
