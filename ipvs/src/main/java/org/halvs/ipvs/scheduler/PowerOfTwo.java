package org.halvs.ipvs.scheduler;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** twos: of two servers drawn by weight the one with fewer connections for its weight ({@code ip_vs_twos.c}). */
final class PowerOfTwo implements Scheduler {
    private final RandomGenerator random;

    PowerOfTwo(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public @Nullable Destination choose(DestinationList servers, Flow flow) {
        long total = 0;
        for (Destination each = servers.head(); each != null; each = each.next()) {
            if (each.takesConnections()) {
                total += each.weight();
            }
        }
        if (total == 0) {
            return null;
        }
        long first = random.nextLong(total + 1);
        long second = random.nextLong(total + 1);
        Destination choice1 = null;
        Destination choice2 = null;
        for (Destination each = servers.head(); each != null; each = each.next()) {
            if (!each.takesConnections()) {
                continue;
            }
            first -= each.weight();
            second -= each.weight();
            if (first <= 0 && choice1 == null) {
                choice1 = each;
            }
            if (second <= 0 && choice2 == null) {
                choice2 = each;
            }
            if (choice1 != null && choice2 != null) {
                break;
            }
        }
        if (choice1 == null || choice2 == null) {
            return choice1 == null ? choice2 : choice1;
        }
        return choice2.weight() * choice1.overhead() > choice1.weight() * choice2.overhead() ? choice2 : choice1;
    }
}
