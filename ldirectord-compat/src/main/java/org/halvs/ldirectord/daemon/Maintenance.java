package org.halvs.ldirectord.daemon;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.halvs.director.RealPlan;
import org.halvs.director.ServerAddress;
import org.halvs.director.ServicePlan;
import org.halvs.linux.IpAddress;

/**
 * Which files of a {@code maintenancedir} put which real servers out of service. Pure.
 *
 * <p>A server is named by {@code IP:PORT} or {@code IP} (IPv6 in brackets), or by its name in the DNS, whole or up to the first dot, with or
 * without {@code :PORT}. Only names that begin with a lower-case letter count, as in ldirectord.
 */
public final class Maintenance {
    private Maintenance() {}

    /**
     * The servers that are in maintenance, with the file that says so.
     *
     * @param files the names in the directory
     * @param nameOf the name of an address as far as it is known
     */
    public static Map<ServerAddress, String> match(
            ServicePlan plan, Collection<String> files, Function<IpAddress, Optional<String>> nameOf) {
        Map<ServerAddress, String> found = new LinkedHashMap<>();
        if (files.isEmpty()) {
            return found;
        }
        Set<String> present = new LinkedHashSet<>(files);
        for (ServerAddress server : servers(plan)) {
            candidates(server, nameOf.apply(server.address())).stream()
                    .filter(present::contains)
                    .findFirst()
                    .ifPresent(file -> found.put(server, file));
        }
        return found;
    }

    /** Whether any of {@code files} could be the name of a host, so that looking names up is of use. */
    public static boolean wantsNames(Collection<String> files) {
        return files.stream().anyMatch(Maintenance::isName);
    }

    /** The addresses of all real servers, in the order of the plan. */
    public static Set<ServerAddress> servers(ServicePlan plan) {
        Set<ServerAddress> servers = new LinkedHashSet<>();
        plan.virtuals()
                .forEach(virtual -> virtual.reals().stream()
                        .map((RealPlan real) -> ServerAddress.of(real))
                        .forEach(servers::add));
        return servers;
    }

    /** The names tried for a server, in ldirectord's order. */
    static List<String> candidates(ServerAddress server, Optional<String> name) {
        String address = server.address().bracketed();
        List<String> names = new ArrayList<>(List.of(address + ":" + server.port(), address));
        if (name.filter(Maintenance::isName).isPresent()) {
            String whole = name.get();
            int dot = whole.indexOf('.');
            String brief = dot < 0 ? whole : whole.substring(0, dot);
            names.addAll(List.of(whole + ":" + server.port(), whole, brief + ":" + server.port(), brief));
        }
        return names;
    }

    private static boolean isName(String word) {
        return !word.isEmpty() && word.charAt(0) >= 'a' && word.charAt(0) <= 'z';
    }
}
