package org.halvs.ha.membership.jgroups;

import java.net.InetAddress;
import java.util.Arrays;
import org.halvs.ha.membership.path.ClusterPaths;
import org.halvs.ha.membership.path.NodeId;
import org.jgroups.Address;
import org.jgroups.PhysicalAddress;
import org.jgroups.protocols.TP;
import org.jspecify.annotations.Nullable;

/**
 * The lowest protocol of the stack: everything goes out on every path. It knows no physical addresses, because a node is not at one place; its address is
 * its name and life, see {@link NodeAddresses}. Thread-safe.
 */
final class PathTransport extends TP {
    private volatile @Nullable ClusterPaths paths;

    PathTransport() {
        setBindAddr(InetAddress.getLoopbackAddress()); // JGroups wants one; nothing is bound to it
        useVirtualThreads(false); // its timer ticks all day, and a virtual thread wakes up two others to do so
    }

    /** From now on messages go there; before, they are lost. */
    void use(ClusterPaths all) {
        paths = all;
    }

    /** A peer's message came. */
    void arrived(NodeId from, byte[] bytes) {
        receive(NodeAddresses.address(from), bytes, 0, bytes.length);
    }

    @Override
    public boolean supportsMulticasting() {
        return true;
    }

    @Override
    protected void sendToAll(byte[] buffer, int offset, int length) {
        send(0, buffer, offset, length);
    }

    @Override
    protected void sendTo(Address to, byte[] buffer, int offset, int length) {
        send(NodeAddresses.id(to).key(), buffer, offset, length);
    }

    @Override
    public void sendUnicast(PhysicalAddress to, byte[] buffer, int offset, int length) {
        throw new UnsupportedOperationException("there are no physical addresses");
    }

    private void send(long to, byte[] buffer, int offset, int length) {
        ClusterPaths current = paths;
        if (current != null) {
            current.send(to, Arrays.copyOfRange(buffer, offset, offset + length));
        }
    }

    @Override
    protected @Nullable PhysicalAddress getPhysicalAddress() {
        return null;
    }
}
