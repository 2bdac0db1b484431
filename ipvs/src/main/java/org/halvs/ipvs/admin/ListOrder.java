package org.halvs.ipvs.admin;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.ServiceKey;
import org.halvs.linux.IpAddress;

/**
 * The order of ipvsadm's sorted listings: services by mark, family, protocol, address, port; servers by address, port.
 *
 * <p>COMPAT: libipvs compares 32-bit words by the sign of their difference, so of two addresses more than half the address space apart the
 * higher one comes first. Such a comparison is no order, so the result also depends on the sorting algorithm: merge sort, as in glibc.
 */
final class ListOrder {
    private ListOrder() {}

    static List<ForwardingTable.Entry> services(List<ForwardingTable.Entry> entries) {
        return sort(entries, (a, b) -> compare(a.service().key(), b.service().key()));
    }

    static List<RealServer> servers(List<RealServer> servers) {
        return sort(servers, (a, b) -> {
            int byAddress = compare(a.address(), b.address());
            return byAddress != 0 ? byAddress : a.port() - b.port();
        });
    }

    private static int compare(ServiceKey a, ServiceKey b) {
        int byMark = mark(a) - mark(b);
        if (byMark != 0) {
            return byMark;
        }
        int byFamily = a.family().compareTo(b.family());
        if (byFamily != 0
                || !(a instanceof ServiceKey.AddressKey left)
                || !(b instanceof ServiceKey.AddressKey right)) {
            return byFamily;
        }
        int byProtocol = left.protocol().number() - right.protocol().number();
        if (byProtocol != 0) {
            return byProtocol;
        }
        int byAddress = compare(left.address(), right.address());
        return byAddress != 0 ? byAddress : left.port() - right.port();
    }

    private static int mark(ServiceKey key) {
        return key instanceof ServiceKey.FirewallMark(IpAddress.Family _, long mark) ? (int) mark : 0;
    }

    private static int compare(IpAddress a, IpAddress b) {
        int words = a.isIpv4() ? 1 : 4;
        for (int i = 0; i < words; i++) {
            int difference = word(a, i) - word(b, i);
            if (difference != 0) {
                return difference;
            }
        }
        return 0;
    }

    /** The i-th 32-bit word as libipvs keeps an address: an IPv4 address is the first of four, the rest zero. */
    private static int word(IpAddress address, int i) {
        if (address.isIpv4()) {
            return i == 0 ? address.ipv4() : 0;
        }
        long half = i < 2 ? address.high() : address.low();
        return (int) (half >>> (i % 2 == 0 ? 32 : 0));
    }

    private static <T> List<T> sort(List<T> items, Comparator<T> order) {
        if (items.size() < 2) {
            return items;
        }
        int half = items.size() / 2;
        List<T> left = sort(items.subList(0, half), order);
        List<T> right = sort(items.subList(half, items.size()), order);
        List<T> merged = new ArrayList<>(items.size());
        int i = 0;
        int j = 0;
        while (i < left.size() && j < right.size()) {
            merged.add(order.compare(left.get(i), right.get(j)) <= 0 ? left.get(i++) : right.get(j++));
        }
        merged.addAll(left.subList(i, left.size()));
        merged.addAll(right.subList(j, right.size()));
        return merged;
    }
}
