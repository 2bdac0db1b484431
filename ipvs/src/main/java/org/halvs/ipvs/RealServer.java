package org.halvs.ipvs;

import org.halvs.linux.IpAddress;

/**
 * One real server of a virtual service.
 *
 * @param port 0 to 65535; with {@link ForwardingMethod#DIRECT_ROUTE} and {@link ForwardingMethod#TUNNEL} always the port of the service
 * @param weight 0 to 2147483647; 0 takes no new connections and keeps the ones it has
 * @param upperThreshold connections at which the server counts as overloaded, 0 for no limit
 * @param lowerThreshold connections below which it no longer does, 0 for three quarters of the upper one
 */
public record RealServer(
        IpAddress address,
        int port,
        ForwardingMethod method,
        int weight,
        int upperThreshold,
        int lowerThreshold,
        TunnelOptions tunnel) {

    public RealServer {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port " + port);
        }
        if (weight < 0 || upperThreshold < 0 || lowerThreshold < 0) {
            throw new IllegalArgumentException("negative weight or threshold for " + address);
        }
    }

    /** A real server without thresholds, tunnelled as IP in IP where it is tunnelled. */
    public static RealServer of(IpAddress address, int port, ForwardingMethod method, int weight) {
        return new RealServer(address, port, method, weight, 0, 0, TunnelOptions.IPIP);
    }

    public RealServer withWeight(int newWeight) {
        return new RealServer(address, port, method, newWeight, upperThreshold, lowerThreshold, tunnel);
    }

    /** Whether both are the same entry of a service: address and port, which is what ipvsadm goes by. */
    public boolean sameDestination(RealServer other) {
        return port == other.port && address.equals(other.address);
    }
}
