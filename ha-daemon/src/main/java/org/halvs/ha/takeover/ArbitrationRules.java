package org.halvs.ha.takeover;

import java.time.Duration;
import java.util.Optional;

/**
 * What the configuration says about who keeps a group when the nodes do not all hear each other. Immutable.
 *
 * @param pingNodes how many ping nodes and ping groups there are; 0 for none
 * @param pingSettle how long the numbers of ping nodes the members see have to stay what they are before a group moves for them; 0 or more
 * @param deafSettle how long a node has to say that it does not hear this one before that counts; while a cut heals, each end is the first to hear the other
 * @param fencing whether a silent node has to be reset before its groups are taken
 * @param witness the node that votes and never owns anything; with one, a node owns something only in a view of more than half of all nodes
 * @param stopFailure what is done about a group that can't be stopped
 */
public record ArbitrationRules(
        int pingNodes,
        Duration pingSettle,
        Duration deafSettle,
        boolean fencing,
        Optional<String> witness,
        StopFailure stopFailure) {

    /** What a group that can't be stopped leads to. It is always reported, and nobody else takes it until it is stopped. */
    public enum StopFailure {
        ALERT,
        /** Another node resets this one and takes over. Needs fencing. */
        FENCE,
        /** The machine is made to restart at once. */
        REBOOT
    }

    /** Neither ping nodes, nor fencing, nor a witness. */
    public static final ArbitrationRules NONE =
            new ArbitrationRules(0, Duration.ZERO, Duration.ofMillis(200), false, Optional.empty(), StopFailure.ALERT);
}
