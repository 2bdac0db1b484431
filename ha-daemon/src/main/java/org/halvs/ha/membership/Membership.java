package org.halvs.ha.membership;

import java.util.List;
import org.halvs.ha.config.Authkeys;
import org.halvs.ha.config.ClusterConfig;

/**
 * A node's seat in the cluster. Messages are opaque, reach each member at most once and in the order of their sender, and are lost when a member leaves
 * on the way; they are at most {@link #MAX_MESSAGE_BYTES} long. Thread-safe.
 */
public interface Membership extends AutoCloseable {

    /** Longer messages are refused with {@link IllegalArgumentException}. */
    int MAX_MESSAGE_BYTES = 512 * 1024;

    /** This node's name in ha.cf. */
    String localNode();

    /**
     * Joins the cluster, or founds it when nobody answers; the first view follows. Called once.
     *
     * @throws MembershipException when no medium can be used
     */
    void start(MembershipListener listener);

    /** Sends to all other members of the view. */
    void broadcast(byte[] message);

    /** Sends to one member; does nothing when {@code node} is not in the view. */
    void send(String node, byte[] message);

    /** Each other node of ha.cf on each path, in the order of ha.cf; empty before the start. */
    default List<PathState> paths() {
        return List.of();
    }

    /**
     * Other secrets hold from now on, without a change of the view: every listed one verifies, one of them signs.
     *
     * @return whether this membership can do that while it runs
     */
    default boolean changeAuthkeys(Authkeys authkeys) {
        return false;
    }

    /**
     * Other nodes, paths and times hold from now on, without a change of the view. A node of the view stays one of the nodes.
     *
     * @return whether this membership can do that while it runs
     * @throws MembershipException when a path can't be used; then nothing was changed
     */
    default boolean change(ClusterConfig config) {
        return false;
    }

    /** Leaves in an orderly way, so that the others have their new view at once. Closing twice does nothing. */
    @Override
    void close();
}
