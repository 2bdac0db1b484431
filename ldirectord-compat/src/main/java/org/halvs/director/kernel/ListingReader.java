package org.halvs.director.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Persistence;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerFlag;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.TunnelOptions;
import org.halvs.ipvs.VirtualService;
import org.halvs.linux.IpAddress;

/**
 * Reads what {@code ipvsadm -L -n} and {@code ipvsadm -L -n --thresholds} print. Pure. Lines it does not understand are left out: titles,
 * and services of protocols that are not known here.
 */
final class ListingReader {
    static final String SERVER_MARK = "->";

    private ListingReader() {}

    /** A service's name and how many words of its line that takes. */
    record Named(ServiceKey key, int words) {}

    /** The upper and lower threshold of a server. */
    private record Thresholds(int upper, int lower) {}

    /**
     * The table of both listings.
     *
     * @param listing of {@code -L -n}
     * @param thresholds of {@code -L -n --thresholds}; empty for none
     */
    static ObservedTable read(String listing, String thresholds) {
        Map<ServiceKey, Map<Destination, Thresholds>> limits = thresholds(thresholds);
        List<ObservedTable.Service> services = new ArrayList<>();
        List<RealServer> servers = new ArrayList<>();
        for (String line : listing.lines().toList()) {
            List<String> words = words(line);
            if (words.isEmpty()) {
                continue;
            }
            if (words.getFirst().equals(SERVER_MARK)) {
                Optional<Destination> destination = destination(words);
                if (!services.isEmpty() && destination.isPresent() && words.size() >= 4) {
                    ServiceKey key = services.getLast().key();
                    Thresholds limit =
                            limits.getOrDefault(key, Map.of()).getOrDefault(destination.get(), new Thresholds(0, 0));
                    server(destination.get(), words, limit).ifPresent(servers::add);
                }
                continue;
            }
            Optional<Named> named = named(words);
            if (named.isPresent()) {
                close(services, servers);
                services.add(service(named.get(), words));
            }
        }
        close(services, servers);
        return new ObservedTable(services);
    }

    private static void close(List<ObservedTable.Service> services, List<RealServer> servers) {
        if (!services.isEmpty()) {
            ObservedTable.Service open = services.removeLast();
            services.add(new ObservedTable.Service(open.key(), open.service(), servers));
            servers.clear();
        }
    }

    private static Map<ServiceKey, Map<Destination, Thresholds>> thresholds(String listing) {
        Map<ServiceKey, Map<Destination, Thresholds>> limits = new HashMap<>();
        Optional<ServiceKey> current = Optional.empty();
        for (String line : listing.lines().toList()) {
            List<String> words = words(line);
            if (words.isEmpty()) {
                continue;
            }
            if (!words.getFirst().equals(SERVER_MARK)) {
                current = named(words).map(Named::key);
                continue;
            }
            Optional<Destination> destination = destination(words);
            Optional<Thresholds> values = words.size() < 4 ? Optional.empty() : pair(words.get(2), words.get(3));
            if (current.isPresent() && destination.isPresent() && values.isPresent()) {
                limits.computeIfAbsent(current.get(), key -> new HashMap<>()).put(destination.get(), values.get());
            }
        }
        return limits;
    }

    private static Optional<Thresholds> pair(String upper, String lower) {
        try {
            return Optional.of(new Thresholds(Integer.parseInt(upper), Integer.parseInt(lower)));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** {@code TCP 192.0.2.10:80 …} or {@code FWM 3 IPv6 …}; empty for a title. */
    static Optional<Named> named(List<String> words) {
        if (words.size() < 3) {
            return Optional.empty();
        }
        if (words.getFirst().equals("FWM")) {
            boolean ipv6 = words.get(2).equals("IPv6");
            IpAddress.Family family = ipv6 ? IpAddress.Family.IPV6 : IpAddress.Family.IPV4;
            return mark(words.get(1)).map(mark -> new Named(new ServiceKey.FirewallMark(family, mark), ipv6 ? 3 : 2));
        }
        Optional<Protocol> protocol = Arrays.stream(Protocol.values())
                .filter(known -> known.name().equals(words.getFirst()))
                .findFirst();
        Optional<Destination> at = hostAndPort(words.get(1));
        return protocol.isEmpty() || at.isEmpty()
                ? Optional.empty()
                : Optional.of(new Named(
                        new ServiceKey.AddressKey(
                                protocol.get(), at.get().address(), at.get().port()),
                        2));
    }

    private static Optional<Long> mark(String word) {
        try {
            long mark = Long.parseLong(word);
            return mark < 1 || mark > 0xffffffffL ? Optional.empty() : Optional.of(mark);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Scheduler, {@code (flags)}, {@code persistent N}, {@code mask M}, {@code pe NAME}, {@code ops}. */
    private static ObservedTable.Service service(Named named, List<String> words) {
        ServiceKey key = named.key();
        boolean ipv4 = key.family() == IpAddress.Family.IPV4;
        List<String> rest = words.subList(named.words(), words.size());
        Optional<SchedulerKind> scheduler = rest.isEmpty() ? Optional.empty() : SchedulerKind.of(rest.getFirst());
        List<SchedulerFlag> flags = new ArrayList<>();
        int timeout = 0;
        int netmask = ipv4 ? -1 : IpAddress.Family.IPV6.bits();
        Optional<String> engine = Optional.empty();
        boolean onePacket = false;
        boolean known = scheduler.isPresent();
        for (int i = 1; i < rest.size(); i++) {
            String word = rest.get(i);
            String next = i + 1 < rest.size() ? rest.get(i + 1) : "";
            switch (word) {
                case "persistent" -> timeout = number(next);
                case "mask" -> netmask = ipv4 ? mask(next) : number(next);
                case "pe" -> engine = Optional.of(next);
                case "ops" -> onePacket = true;
                default -> {
                    if (word.startsWith("(")) {
                        known &= flags(word, scheduler, flags);
                    }
                }
            }
        }
        if (!known || timeout > Persistence.MAX_TIMEOUT_SECONDS) {
            return new ObservedTable.Service(key, Optional.empty(), List.of());
        }
        Optional<Persistence> persistence =
                timeout > 0 ? Optional.of(new Persistence(timeout, netmask, engine)) : Optional.empty();
        return new ObservedTable.Service(
                key, Optional.of(new VirtualService(key, scheduler.get(), flags, persistence, onePacket)), List.of());
    }

    /** Whether all flags of {@code (sh-port,flag-3)} are known; those that are go to {@code flags}. */
    private static boolean flags(String word, Optional<SchedulerKind> scheduler, List<SchedulerFlag> flags) {
        boolean known = scheduler.isPresent();
        for (String name : word.replace("(", "").replace(")", "").split(",")) {
            Optional<SchedulerFlag> flag = scheduler.flatMap(kind -> SchedulerFlag.of(kind, name));
            flag.ifPresent(flags::add);
            known &= flag.isPresent();
        }
        return known;
    }

    private static int mask(String word) {
        return IpAddress.parse(word)
                .filter(IpAddress::isIpv4)
                .map(IpAddress::ipv4)
                .orElse(-1);
    }

    static Optional<Destination> destination(List<String> words) {
        return words.size() < 2 ? Optional.empty() : hostAndPort(words.get(1));
    }

    /** {@code -> 127.0.0.2:80 Route 2 …}. */
    private static Optional<RealServer> server(Destination at, List<String> words, Thresholds limit) {
        Optional<ForwardingMethod> method = Arrays.stream(ForwardingMethod.values())
                .filter(known -> known.listed().equals(words.get(2)))
                .findFirst();
        return method.map(value -> new RealServer(
                at.address(),
                at.port(),
                value,
                number(words.get(3)),
                limit.upper(),
                limit.lower(),
                TunnelOptions.IPIP));
    }

    /** Reads {@code 127.0.0.2:80} and {@code [2001:db8::1]:80}. */
    static Optional<Destination> hostAndPort(String word) {
        int colon = word.lastIndexOf(':');
        if (colon < 1) {
            return Optional.empty();
        }
        String host = word.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        int port = number(word.substring(colon + 1));
        return port > 65535 ? Optional.empty() : IpAddress.parse(host).map(address -> new Destination(address, port));
    }

    /** A number that is not negative; 0 for anything else. */
    private static int number(String word) {
        try {
            return Math.max(0, Integer.parseInt(word));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    static List<String> words(String line) {
        return line.isBlank() ? List.of() : List.of(line.strip().split("\\s+"));
    }
}
