package org.halvs.ipvs.replay;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.capture.CapturedFrame;
import org.halvs.ipvs.forward.NetworkView.InterfaceAddress;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;

/**
 * The network of a director as far as captures show it, for replays without a description of the network.
 *
 * <p>On each interface the director is whoever the frames to virtual addresses go to, or who talks with real servers, or else the Ethernet address
 * seen most. Whoever else sends is a neighbour with the addresses it sends from. Real servers nobody has seen are put behind the interface of the
 * others, or the last one, with an Ethernet address made of their IP address. An interface without a virtual address gets one of 192.0.2.0/24 and
 * 2001:db8::/32.
 */
final class InferredNetwork {
    private static final long LOCAL_MAC = 0x0200L << 32;

    private final ForwardingTable table;
    private final SequencedMap<String, List<CapturedFrame>> byInterface = new LinkedHashMap<>();
    private final Map<String, MacAddress> directors = new LinkedHashMap<>();
    private final Set<IpAddress> virtual = new LinkedHashSet<>();
    private final Set<IpAddress> servers = new LinkedHashSet<>();

    private InferredNetwork(ForwardingTable table, List<CapturedFrame> frames) {
        this.table = table;
        for (CapturedFrame frame : frames) {
            byInterface
                    .computeIfAbsent(frame.interfaceName(), _ -> new ArrayList<>())
                    .add(frame);
        }
        for (ForwardingTable.Entry entry : table.entries()) {
            if (entry.service().key() instanceof ServiceKey.AddressKey key) {
                virtual.add(key.address());
            }
            entry.servers().forEach(server -> servers.add(server.address()));
        }
    }

    /** @param frames in which interface names are not empty */
    static ReplayNetwork of(ForwardingTable table, List<CapturedFrame> frames) {
        return new InferredNetwork(table, frames).infer();
    }

    private ReplayNetwork infer() {
        ReplayNetwork network = new ReplayNetwork();
        Set<IpAddress> homeless = new LinkedHashSet<>(virtual);
        int number = 0;
        for (Map.Entry<String, List<CapturedFrame>> entry : byInterface.entrySet()) {
            number++;
            List<InterfaceAddress> addresses = new ArrayList<>();
            Set<IpAddress> here = new LinkedHashSet<>();
            for (CapturedFrame frame : entry.getValue()) {
                FrameBrief.ends(frame.bytes())
                        .map(FrameBrief.Ends::destination)
                        .filter(homeless::remove)
                        .ifPresent(here::add);
            }
            here.forEach(own -> addresses.add(host(own)));
            addresses.add(host(IpAddress.ofIpv4(0xc0000200 + number)));
            addresses.add(host(new IpAddress(IpAddress.Family.IPV6, 0x20010db800000000L, number)));
            MacAddress director = director(entry.getValue(), here, new MacAddress(LOCAL_MAC + number));
            directors.put(entry.getKey(), director);
            network.putInterface(entry.getKey(), director, addresses);
        }
        Map<IpAddress, String> seen = neighbours(network);
        unseenServers(network, seen);
        return network;
    }

    private static InterfaceAddress host(IpAddress address) {
        return new InterfaceAddress(address, address.family().bits());
    }

    /** @param here the virtual addresses that clients reach by this interface; frames to others were sent by the director, by direct routing */
    private MacAddress director(List<CapturedFrame> frames, Set<IpAddress> here, MacAddress otherwise) {
        Map<Long, Integer> toVirtual = new LinkedHashMap<>();
        Map<Long, Integer> withServers = new LinkedHashMap<>();
        Map<Long, Integer> any = new LinkedHashMap<>();
        for (CapturedFrame frame : frames) {
            if (frame.bytes().length() < 14) {
                continue;
            }
            long destination = mac(frame, 0).value();
            long source = mac(frame, 6).value();
            count(any, destination);
            count(any, source);
            FrameBrief.ends(frame.bytes()).ifPresent(ends -> {
                if (here.contains(ends.destination())) {
                    count(toVirtual, destination);
                } else if (virtual.contains(ends.destination()) || servers.contains(ends.destination())) {
                    count(withServers, source);
                } else if (servers.contains(ends.source())) {
                    count(withServers, destination);
                }
            });
        }
        return mostFrequent(toVirtual)
                .or(() -> mostFrequent(withServers))
                .or(() -> mostFrequent(any))
                .orElse(otherwise);
    }

    private static void count(Map<Long, Integer> counts, long mac) {
        boolean group = (mac >>> 40 & 1) != 0;
        if (!group) {
            counts.merge(mac, 1, Integer::sum);
        }
    }

    private static Optional<MacAddress> mostFrequent(Map<Long, Integer> counts) {
        long best = 0;
        int most = 0;
        for (Map.Entry<Long, Integer> entry : counts.entrySet()) {
            if (entry.getValue() > most) {
                best = entry.getKey();
                most = entry.getValue();
            }
        }
        return most == 0 ? Optional.empty() : Optional.of(new MacAddress(best));
    }

    /** The Ethernet address at an offset of a frame of at least 14 bytes: 0 is the destination, 6 the source. */
    static MacAddress mac(CapturedFrame frame, int offset) {
        return MacAddress.ofBytes(frame.bytes().range(offset, 6));
    }

    /** Makes everybody who sends a neighbour; answers who sits on which interface. */
    private Map<IpAddress, String> neighbours(ReplayNetwork network) {
        Map<IpAddress, String> seen = new LinkedHashMap<>();
        byInterface.forEach((name, frames) -> {
            for (CapturedFrame frame : frames) {
                Optional<IpAddress> source = FrameBrief.ends(frame.bytes()).map(FrameBrief.Ends::source);
                if (source.isEmpty()
                        || mac(frame, 6).equals(directors.get(name))
                        || virtual.contains(source.get())
                        || seen.putIfAbsent(source.get(), name) != null) {
                    continue;
                }
                addHost(network, name, source.get(), mac(frame, 6));
            }
        });
        return seen;
    }

    private static void addHost(ReplayNetwork network, String name, IpAddress address, MacAddress mac) {
        network.putRoute(address, address.family().bits(), name);
        network.putNeighbour(name, address, mac);
    }

    private void unseenServers(ReplayNetwork network, Map<IpAddress, String> seen) {
        if (byInterface.isEmpty()) {
            return;
        }
        List<IpAddress> servers = table.entries().stream()
                .flatMap(entry -> entry.servers().stream())
                .map(RealServer::address)
                .distinct()
                .toList();
        String behind = servers.stream()
                .filter(seen::containsKey)
                .map(seen::get)
                .findFirst()
                .orElse(byInterface.lastEntry().getKey());
        for (IpAddress server : servers) {
            if (!seen.containsKey(server)) {
                addHost(network, behind, server, new MacAddress(LOCAL_MAC | server.low() & 0xffffffffL));
            }
        }
    }
}
