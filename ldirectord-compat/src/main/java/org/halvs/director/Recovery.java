package org.halvs.director;

import java.time.Duration;

/**
 * How a server that was down comes back. The old programs have no word for it.
 *
 * @param successCount consecutive good checks that bring a server back that was down, 1 or more; the very first check after a start needs one
 * @param slowStart how long the weight rises until it is the full one; zero for at once
 * @param startPercent the share of the full weight a server begins with, 1 to 100
 */
public record Recovery(int successCount, Duration slowStart, int startPercent) {
    /** One good check and the full weight at once, as ldirectord does it. */
    public static final Recovery AT_ONCE = new Recovery(1, Duration.ZERO, 100);

    public Recovery {
        if (successCount < 1) {
            throw new IllegalArgumentException("successcount " + successCount);
        }
        if (slowStart.isNegative() || startPercent < 1 || startPercent > 100) {
            throw new IllegalArgumentException("slow start from " + startPercent + " % in " + slowStart);
        }
    }
}
