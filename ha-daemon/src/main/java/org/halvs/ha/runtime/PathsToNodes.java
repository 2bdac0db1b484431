package org.halvs.ha.runtime;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.halvs.ha.config.Medium;
import org.halvs.linux.IpAddress;

/**
 * Whether the paths of ha.cf lead to as many nodes as there are to be. Which address a node sends from is not known before it was heard, so addresses are counted:
 * where there are only {@code ucast} lines, each other node needs one. Pure.
 *
 * @param own whether an address is this node's
 */
record PathsToNodes(List<Medium> media, Predicate<IpAddress> own) {
    PathsToNodes {
        media = List.copyOf(media);
    }

    /** Why some of so many other nodes can't be reached, and what is to be done; empty when they can. */
    String obstacle(int others, List<String> added) {
        boolean everybody =
                media.stream().anyMatch(medium -> medium instanceof Medium.Bcast || medium instanceof Medium.Mcast);
        Set<IpAddress> destinations = new LinkedHashSet<>();
        for (Medium medium : media) {
            if (medium instanceof Medium.Ucast ucast && !own.test(ucast.peer())) {
                destinations.add(ucast.peer());
            }
        }
        // a node may have a line on each of several networks, so this takes too much for enough rather than too little
        if (everybody || destinations.size() >= others) {
            return "";
        }
        String link = media.isEmpty() ? "eth0" : media.getFirst().link();
        return "no path of ha.cf leads to " + String.join(" ", added) + ": its ucast lines lead to "
                + (destinations.isEmpty()
                        ? "nobody"
                        : destinations.stream().map(IpAddress::toString).collect(Collectors.joining(", ")))
                + " only; add \"ucast " + link
                + " ADDRESS\" to ha.cf on every node, run halvs reload there, and try again";
    }
}
