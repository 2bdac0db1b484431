package org.halvs.bench.failover;

import java.util.List;
import org.halvs.lab.Host;

/** A program that moves the floating address between alice and bob, configured on a street and not started yet. */
interface Contender {
    String name();

    /** What it is told at its configuration. */
    record Wish(boolean autoFailback, boolean heartbeatOnCable, boolean startFailsOnAlice) {
        static final Wish PLAIN = new Wish(false, false, false);
    }

    /** Whether it is installed here; else a line that says what is missing. */
    String missing();

    /** Whether it can do what the event needs. */
    boolean can(Event event);

    /** Configures the program on both nodes of a fresh street. */
    Running on(Street street, Wish wish);

    /** The program on a street. */
    interface Running {
        void start(Host node);

        /** SIGKILL to all that belongs to it on the node. */
        void kill(Host node);

        /** SIGSTOP or SIGCONT to all that belongs to it on the node. */
        void freeze(Host node, boolean frozen);

        /** Asks it to stop in order; does not wait. */
        void stop(Host node);

        /** Asks it to give everything to the other node; does not wait. */
        void standby(Host node);

        /** Asks it to bring everything to the node; does not wait. */
        void takeover(Host node);

        /** Whether nothing is moving any more. */
        boolean settled();

        /** Lines in its logs that say that the owner, the state or the membership changed. */
        long stateChanges();

        /** Whether the nodes hear each other where the clients are, whatever was wished. */
        default boolean heartsOnLan() {
            return false;
        }

        /** The processes of the program on the node. */
        List<Long> processes(Host node);
    }
}
