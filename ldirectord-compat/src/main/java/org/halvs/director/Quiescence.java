package org.halvs.director;

/** What becomes of a real server that is down. */
public enum Quiescence {
    /** It stays with weight 0: no new connections, the ones it has go on ({@code quiescent = yes}). */
    ZERO_WEIGHT,
    /** It leaves the table ({@code quiescent = no}). */
    REMOVE
}
