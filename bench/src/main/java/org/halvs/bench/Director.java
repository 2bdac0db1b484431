package org.halvs.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.forward.IpvsProcessor;
import org.halvs.ipvs.forward.NetworkView;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;

/** A director with a client side, a server side, eight real servers and a service for each {@link Path}. */
final class Director {
    static final int CLIENT_SIDE = 1;
    static final int SERVER_SIDE = 2;
    static final int SERVERS = 8;
    static final long CLIENT_SIDE_MAC = 0x020000000101L;
    static final long SERVER_SIDE_MAC = 0x020000000201L;
    static final IpAddress VIP = IpAddress.of("10.0.1.100");
    static final IpAddress VIP6 = IpAddress.of("fd01::100");

    private Director() {}

    static IpvsProcessor processor(SchedulerKind scheduler, int maxConnections) {
        IpvsProcessor processor = new IpvsProcessor(new IpvsProcessor.Options(0x5eed, maxConnections, true), 0);
        processor.network(network());
        processor.table(table(scheduler), 0);
        return processor;
    }

    static IpAddress server(int number, boolean ipv4) {
        return IpAddress.of((ipv4 ? "10.0.2." : "fd02::") + (10 + number));
    }

    private static ForwardingTable table(SchedulerKind scheduler) {
        List<ForwardingTable.Entry> entries = new ArrayList<>();
        for (boolean ipv4 : new boolean[] {true, false}) {
            entries.add(service(Protocol.TCP, ipv4, 80, ForwardingMethod.MASQUERADE, scheduler));
            entries.add(service(Protocol.UDP, ipv4, 53, ForwardingMethod.MASQUERADE, scheduler));
            entries.add(service(Protocol.TCP, ipv4, 81, ForwardingMethod.DIRECT_ROUTE, scheduler));
            entries.add(service(Protocol.TCP, ipv4, 82, ForwardingMethod.TUNNEL, scheduler));
        }
        return new ForwardingTable(1, entries);
    }

    private static ForwardingTable.Entry service(
            Protocol protocol, boolean ipv4, int port, ForwardingMethod method, SchedulerKind scheduler) {
        ServiceKey key = new ServiceKey.AddressKey(protocol, ipv4 ? VIP : VIP6, port);
        List<RealServer> servers = new ArrayList<>();
        for (int number = 0; number < SERVERS; number++) {
            // masqueraded servers listen on a port of their own, so that ports are rewritten too
            int serverPort = method == ForwardingMethod.MASQUERADE ? port + 8000 : port;
            servers.add(RealServer.of(server(number, ipv4), serverPort, method, 1));
        }
        return new ForwardingTable.Entry(VirtualService.of(key, scheduler), servers);
    }

    private static NetworkView network() {
        IpAddress gateway = IpAddress.of("10.0.1.254");
        IpAddress gateway6 = IpAddress.of("fd01::254");
        NetworkView.Builder builder = NetworkView.builder()
                .add(side(
                        CLIENT_SIDE,
                        "e0",
                        CLIENT_SIDE_MAC,
                        List.of("10.0.1.1/24", VIP + "/32", "fd01::1/64", VIP6 + "/128")))
                .add(side(SERVER_SIDE, "e1", SERVER_SIDE_MAC, List.of("10.0.2.1/24", "fd02::1/64")))
                .connectedRoutes()
                .add(defaultRoute(IpAddress.ANY_IPV4, gateway))
                .add(defaultRoute(IpAddress.ANY_IPV6, gateway6))
                .addNeighbour(CLIENT_SIDE, gateway, new MacAddress(0x020000000102L))
                .addNeighbour(CLIENT_SIDE, gateway6, new MacAddress(0x020000000102L));
        for (int number = 0; number < SERVERS; number++) {
            MacAddress mac = new MacAddress(0x020000000210L + number);
            builder.addNeighbour(SERVER_SIDE, server(number, true), mac);
            builder.addNeighbour(SERVER_SIDE, server(number, false), mac);
        }
        return builder.build();
    }

    private static NetworkView.Route defaultRoute(IpAddress any, IpAddress gateway) {
        return new NetworkView.Route(any, 0, CLIENT_SIDE, Optional.of(gateway), Optional.empty(), 0, 0);
    }

    private static NetworkView.Interface side(int index, String name, long mac, List<String> prefixes) {
        List<NetworkView.InterfaceAddress> addresses = prefixes.stream()
                .map(prefix -> prefix.split("/", 2))
                .map(parts -> new NetworkView.InterfaceAddress(IpAddress.of(parts[0]), Integer.parseInt(parts[1])))
                .toList();
        return new NetworkView.Interface(index, name, new MacAddress(mac), 1500, addresses);
    }
}
