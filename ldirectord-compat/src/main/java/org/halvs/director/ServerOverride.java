package org.halvs.director;

/** What an operator ordered for a real server, until it is taken back. It survives reloads, not restarts. */
public sealed interface ServerOverride {

    /**
     * Another weight than the configured one, for as long as the server is up.
     *
     * @param weight 0 or more; with 0 the server still counts as up, as a configured weight of 0 does
     */
    record Weight(int weight) implements ServerOverride {
        public Weight {
            if (weight < 0) {
                throw new IllegalArgumentException("weight " + weight);
            }
        }
    }

    /** No new connections: weight 0, also where a server that is down would be removed. It no longer counts as up. */
    record Drain() implements ServerOverride {}
}
