package org.halvs.ha.membership;

/** Hears what happens in the cluster. Called by one thread at a time; must return at once. */
public interface MembershipListener {

    /** The members changed. The local node is always one of them. */
    void onView(ClusterView view);

    /** Another member, perhaps one that is not in the view any more or not yet, said something. */
    void onMessage(String node, byte[] message);

    /** Something happened to the paths between the nodes. */
    default void onPath(PathEvent event) {}
}
