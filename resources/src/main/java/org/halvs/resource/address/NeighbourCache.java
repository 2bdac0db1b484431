package org.halvs.resource.address;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;

/**
 * Which MAC answers on which interface for addresses this host does not have: what a neighbour cache is (RFC 4861 section 5.1), for the addresses of groups
 * other nodes hold. The kernel has no such entry, because it never sends anything to them. Thread-safe; of more than {@value #MOST} entries the oldest go.
 */
public final class NeighbourCache {
    static final int MOST = 4096;

    private final Map<Key, MacAddress> macs = new LinkedHashMap<>();

    private record Key(int linkIndex, IpAddress address) {}

    /** Somebody says that it has an address. */
    public synchronized void heard(int linkIndex, IpAddress address, MacAddress mac) {
        Key key = new Key(linkIndex, address);
        macs.remove(key);
        macs.put(key, mac);
        if (macs.size() > MOST) {
            macs.remove(macs.keySet().iterator().next());
        }
    }

    public synchronized Optional<MacAddress> mac(int linkIndex, IpAddress address) {
        return Optional.ofNullable(macs.get(new Key(linkIndex, address)));
    }

    /** Whoever has these now may be somebody else. */
    public synchronized void forget(Collection<IpAddress> addresses) {
        macs.keySet().removeIf(key -> addresses.contains(key.address()));
    }
}
