package org.halvs.ipvs.port;

import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;

/** Logs each kind of trouble once in a while, and how often it came meanwhile, however fast it repeats. Confined to one thread. */
final class TroubleLog {
    private static final long INTERVAL_NANOS = 60_000_000_000L;
    private static final int KINDS = 64;

    private static final class Kind {
        long loggedNanos;
        long since;
    }

    private final System.Logger logger;
    private final Map<String, Kind> kinds = new LinkedHashMap<>();

    TroubleLog(System.Logger logger) {
        this.logger = logger;
    }

    /**
     * @param kind groups repetitions; of more than 64 kinds the rest is not logged
     * @param thrown what happened
     */
    void log(String kind, Throwable thrown, long nowNanos) {
        Kind known = kinds.get(kind);
        if (known == null) {
            if (kinds.size() == KINDS) {
                return;
            }
            known = new Kind();
            known.loggedNanos = nowNanos - INTERVAL_NANOS;
            kinds.put(kind, known);
        }
        known.since++;
        if (nowNanos - known.loggedNanos < INTERVAL_NANOS) {
            return;
        }
        String more = known.since > 1 ? " (" + known.since + " times since the last report)" : "";
        logger.log(Level.WARNING, kind + more, thrown);
        known.loggedNanos = nowNanos;
        known.since = 0;
    }
}
