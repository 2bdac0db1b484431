package org.halvs.ha.membership;

/** How a node that is no longer a member went, as far as this node can tell. */
public enum Departure {
    /** It said that it leaves; what it owned it has released. */
    LEFT,
    /** Its process has ended and its kernel said so. The kernel may still answer for the addresses the process held. */
    PROCESS_ENDED,
    /** Nothing was heard of it on any path for deadtime: it, its machine or the paths to it may be dead, and it may be alive. */
    SILENT
}
