package org.halvs.director;

import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.ServiceKey;
import org.halvs.linux.IpAddress;

/**
 * A real server as an administrator knows it.
 *
 * @param port the port it has in the table
 * @param configuredPort the port its {@code real =} line names, 0 when it names none
 */
public record ServerName(IpAddress address, int port, int configuredPort) {

    /** The name of a configured real server. */
    public static ServerName of(RealPlan real) {
        return new ServerName(real.server().address(), real.server().port(), real.configuredPort());
    }

    /** The name of a server known from the table only. */
    public static ServerName of(RealServer server) {
        return new ServerName(server.address(), server.port(), server.port());
    }

    /** As its {@code real =} line names it: {@code 127.0.0.2:80}. */
    public String configured() {
        return join(address, configuredPort);
    }

    /** As it stands in the table: {@code 127.0.0.2:8080}. */
    public String listed() {
        return join(address, port);
    }

    /** Both where they differ: {@code 127.0.0.2:8080 mapped from 127.0.0.2:80}. */
    public String mapped() {
        return port == configuredPort ? listed() : listed() + " mapped from " + configured();
    }

    /** How ldirectord writes a service: {@code 192.0.2.10:80}, {@code [2001:db8::1]:80}, or the number of a mark. */
    public static String ofService(ServiceKey key) {
        return switch (key) {
            case ServiceKey.AddressKey address -> join(address.address(), address.port());
            case ServiceKey.FirewallMark mark -> Long.toString(mark.mark());
        };
    }

    /** How ldirectord identifies a service: {@code tcp:192.0.2.10:80}, {@code fwm:3}, {@code fwm6:3}. */
    public static String idOfService(ServiceKey key) {
        return protocolOf(key) + (isIpv6Mark(key) ? "6:" : ":") + ofService(key);
    }

    /** {@code tcp}, {@code udp}, {@code sctp} or {@code fwm}. */
    public static String protocolOf(ServiceKey key) {
        return switch (key) {
            case ServiceKey.AddressKey address ->
                switch (address.protocol()) {
                    case TCP -> "tcp";
                    case UDP -> "udp";
                    case SCTP -> "sctp";
                };
            case ServiceKey.FirewallMark _ -> "fwm";
        };
    }

    private static boolean isIpv6Mark(ServiceKey key) {
        return key instanceof ServiceKey.FirewallMark && key.family() == IpAddress.Family.IPV6;
    }

    private static String join(IpAddress address, int port) {
        return (address.isIpv4() ? address.toString() : "[" + address + "]") + ":" + port;
    }
}
