package org.halvs.ha.cluster;

import java.util.function.Consumer;
import org.halvs.resource.ResourceGroup;

/**
 * Starts and stops groups on this node. Every call returns at once; what is asked of one group is done one after the other. {@code done} is
 * called once, on any thread.
 */
public interface GroupActions {

    /** Starts a group; when a resource does not start, what had started is stopped again. */
    void acquire(ResourceGroup group, Consumer<GroupOutcome> done);

    /** Stops a group, every resource of it, also those that do not run. */
    void release(ResourceGroup group, Consumer<GroupOutcome> done);

    /**
     * As {@link #release}, for a node that waits for the group: its addresses are not told of here any more, so that the other node can have
     * them, but what is still sent here is taken until {@link #letGo}.
     */
    void handOver(ResourceGroup group, Consumer<GroupOutcome> done);

    /** Ends what {@link #handOver} began. Does nothing when the group came back meanwhile. */
    void letGo(ResourceGroup group, Consumer<GroupOutcome> done);

    /**
     * Makes a held group another one of the same key: stops what it has no more, starts what is new, and leaves alone what is in both. When
     * something new does not start, the whole group is stopped.
     */
    void amend(ResourceGroup before, ResourceGroup after, Consumer<GroupOutcome> done);

    /** Tells the network again where the group's addresses are. */
    void announce(ResourceGroup group);
}
