package org.halvs.ha.runtime;

/**
 * An agent whose resource has to be there before the first of its group starts and until the last has stopped, wherever in the line it
 * stands: forwarding begins before the address is announced, so that no client meets a director that does not know its services.
 */
interface Enclosing {
    void begin();

    /** The group is about to be stopped in order; nothing of it has been stopped yet. */
    default void leaving() {}

    void end();
}
