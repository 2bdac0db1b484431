package org.halvs.ipvs;

import org.halvs.linux.IpAddress;

/** What identifies a virtual service across edits and reloads. */
public sealed interface ServiceKey {

    /** The version of IP the clients of the service use. */
    IpAddress.Family family();

    /**
     * A service by address and port.
     *
     * @param port 0 to 65535; 0 stands for every port and is allowed for persistent services only
     */
    record AddressKey(Protocol protocol, IpAddress address, int port) implements ServiceKey {
        public AddressKey {
            if (port < 0 || port > 65535) {
                throw new IllegalArgumentException("port " + port);
            }
        }

        @Override
        public IpAddress.Family family() {
            return address.family();
        }

        /** As ipvsadm writes it: {@code TCP 192.0.2.10:80} or {@code TCP [2001:db8::1]:80}. */
        @Override
        public String toString() {
            return protocol + " " + address.bracketed() + ":" + port;
        }
    }

    /**
     * A service by firewall mark.
     *
     * @param mark 1 to 4294967295
     */
    record FirewallMark(IpAddress.Family family, long mark) implements ServiceKey {
        public FirewallMark {
            if (mark < 1 || mark > 0xffffffffL) {
                throw new IllegalArgumentException("firewall mark " + mark);
            }
        }

        @Override
        public String toString() {
            return "FWM " + mark + (family == IpAddress.Family.IPV6 ? " IPv6" : "");
        }
    }
}
