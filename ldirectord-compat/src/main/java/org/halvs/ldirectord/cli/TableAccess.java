package org.halvs.ldirectord.cli;

import org.halvs.ipvs.plane.ForwardingPlane;

/** Lets other programs look at the table of a daemon that forwards by itself. */
@FunctionalInterface
public interface TableAccess {
    /** Nobody can. */
    TableAccess NONE = _ -> () -> {};

    /** Opens the way to {@code plane}, until the answer is closed. Where that can't be done the daemon runs without. */
    AutoCloseable open(ForwardingPlane plane);
}
