package org.halvs.ipvs.scheduler;

import java.util.List;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;
import org.halvs.ipvs.SchedulerFlag;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.linux.IpAddress;

/**
 * Makes schedulers.
 *
 * @param lblcExpirationSeconds the setting {@code lblc_expiration} as it is when asked
 * @param lblcrExpirationSeconds the setting {@code lblcr_expiration}
 * @param random what twos draws from; seeded, so that a replay repeats itself
 */
public record Schedulers(
        IntSupplier lblcExpirationSeconds, IntSupplier lblcrExpirationSeconds, RandomGenerator random) {

    /** A scheduler for one service of a family; {@link Scheduler#started} still has to be called. */
    public Scheduler create(SchedulerKind kind, List<SchedulerFlag> flags, IpAddress.Family family) {
        boolean fallback = flags.contains(SchedulerFlag.FLAG_1);
        boolean withPort = flags.contains(SchedulerFlag.FLAG_2);
        return switch (kind) {
            case RR -> new RoundRobin();
            case WRR -> new WeightedRoundRobin();
            case LC -> new LeastConnection();
            case WLC -> new WeightedLeastConnection();
            case LBLC -> new LocalityLeastConnection(lblcExpirationSeconds::getAsInt);
            case LBLCR -> new LocalityReplication(lblcrExpirationSeconds::getAsInt);
            case DH -> new DestinationHashing();
            case SH -> new SourceHashing(fallback, withPort);
            case MH -> new MaglevHashing(family == IpAddress.Family.IPV4, fallback, withPort);
            case SED -> new ShortestExpectedDelay();
            case NQ -> new NeverQueue();
            case FO -> new WeightedFailover();
            case OVF -> new Overflow();
            case TWOS -> new PowerOfTwo(random);
        };
    }
}
