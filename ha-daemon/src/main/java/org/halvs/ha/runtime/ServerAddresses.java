package org.halvs.ha.runtime;

import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Arrays;
import java.util.List;
import org.halvs.linux.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses can be a real server's: unicast ones and this machine's own, after {@code ip_vs_new_dest} ({@code ip_vs_ctl.c}) and
 * {@code inet_addr_type}.
 */
final class ServerAddresses {
    private static final int ZERO_NETWORK = 0;
    private static final int FIRST_MULTICAST = 224;
    private static final int LAST_MULTICAST = 239;

    private ServerAddresses() {}

    /** Asks the interfaces of this machine where the address alone does not say it. */
    static boolean usable(IpAddress address) {
        return address.isIpv4() ? usableIpv4(address) : usableIpv6(address);
    }

    private static boolean usableIpv4(IpAddress address) {
        int first = address.ipv4() >>> 24;
        boolean unicast =
                first != ZERO_NETWORK && (first < FIRST_MULTICAST || first > LAST_MULTICAST) && address.ipv4() != -1;
        return unicast && !addresses().stream().anyMatch(own -> same(own.getBroadcast(), address));
    }

    private static boolean usableIpv6(IpAddress address) {
        boolean linkLocal = address.high() >>> 54 == 0xfe80L >>> 6;
        boolean loopback = address.high() == 0 && address.low() == 1;
        return !address.isAny()
                && !address.isMulticast()
                && (!linkLocal && !loopback || addresses().stream().anyMatch(own -> same(own.getAddress(), address)));
    }

    private static boolean same(@Nullable InetAddress one, IpAddress other) {
        return one != null && Arrays.equals(one.getAddress(), other.bytes());
    }

    /** None when the kernel does not tell: then every unicast address will do. */
    private static List<InterfaceAddress> addresses() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(each -> each.getInterfaceAddresses().stream())
                    .toList();
        } catch (SocketException _) {
            return List.of();
        }
    }
}
