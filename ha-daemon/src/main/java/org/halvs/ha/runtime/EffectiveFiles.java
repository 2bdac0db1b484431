package org.halvs.ha.runtime;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.ha.config.ClusterFiles;
import org.halvs.ha.config.Directive;
import org.halvs.ha.config.HalvsYml;
import org.halvs.ha.config.Medium;

/**
 * What of files that were just read can take effect in a daemon that runs. Whatever can't is as it was, so that the next reload or plan names it again. Pure.
 *
 * @param later what does not take effect, a clause each, with what is to be done about it
 */
record EffectiveFiles(ClusterFiles cluster, HalvsYml own, List<String> later) {
    /** Directives that are looked at when the daemon starts and never again: how its threads are scheduled. */
    private static final List<String> AT_START = List.of("realtime", "rtprio");

    private static final String RESTART = "restart this daemon (its resources go to the other node meanwhile)";

    EffectiveFiles {
        later = List.copyOf(later);
    }

    /** @param active the nodes whose daemons are there */
    static EffectiveFiles of(
            ClusterFiles before, ClusterFiles after, HalvsYml ownBefore, HalvsYml ownAfter, Collection<String> active) {
        List<String> later = new ArrayList<>();
        ClusterConfig old = before.config();
        ClusterConfig read = after.config();
        ClusterConfig config = new ClusterConfig(
                nodes(old, read, active, later),
                read.timing(),
                media(old, read, later),
                read.pings(),
                read.autoFailback(),
                read.log(),
                read.respawns(),
                directives(old, read, later));
        HalvsYml own = new HalvsYml(
                ownAfter.settings(),
                kept("max_connections", ownBefore.maxConnections(), ownAfter.maxConnections(), later),
                kept("connection_sync", ownBefore.connectionSync(), ownAfter.connectionSync(), later),
                ownAfter.marks(),
                kept("plane", ownBefore.plane(), ownAfter.plane(), later),
                kept("rules for ldirectord files", ownBefore.rules(), ownAfter.rules(), later),
                kept("checks", ownBefore.clients(), ownAfter.clients(), later),
                kept("resources", ownBefore.resources(), ownAfter.resources(), later),
                ownAfter.arbitration());
        return new EffectiveFiles(new ClusterFiles(config, after.authkeys(), after.groups()), own, later);
    }

    /** A node that lives can't be left out of the cluster: it would own what it owns and not be heard any more. */
    private static List<String> nodes(
            ClusterConfig before, ClusterConfig after, Collection<String> active, List<String> later) {
        List<String> living = before.nodes().stream()
                .filter(node -> !after.nodes().contains(node) && active.contains(node))
                .toList();
        living.forEach(node -> later.add(
                "ha.cf: " + node + " is no node any more, but it is active: stop it there, then reload again"));
        return Stream.concat(after.nodes().stream(), living.stream()).toList();
    }

    /** One line has to stay: nodes that are reloaded one after the other hear each other on it meanwhile. */
    private static List<Medium> media(ClusterConfig before, ClusterConfig after, List<String> later) {
        if (before.media().equals(after.media())
                || after.media().stream()
                        .anyMatch(medium -> !(medium instanceof Medium.Serial)
                                && before.media().contains(medium))) {
            return after.media();
        }
        later.add(
                "ha.cf: none of the paths between the nodes (ucast, bcast, mcast, udpport) stays as it was, so the nodes would be deaf to"
                        + " each other until all are reloaded: keep an old line beside the new ones, reload all nodes, then take it out"
                        + " and reload again");
        return before.media();
    }

    private static List<Directive> directives(ClusterConfig before, ClusterConfig after, List<String> later) {
        AT_START.stream()
                .filter(name -> !arguments(before, name).equals(arguments(after, name)))
                .forEach(name -> later.add("ha.cf: " + name + ": " + RESTART));
        return Stream.concat(
                        after.directives().stream().filter(line -> !AT_START.contains(line.name())),
                        before.directives().stream().filter(line -> AT_START.contains(line.name())))
                .toList();
    }

    static List<List<String>> arguments(ClusterConfig config, String name) {
        return config.directives().stream()
                .filter(line -> line.name().equals(name))
                .map(Directive::arguments)
                .toList();
    }

    private static <T> T kept(String part, T before, T after, List<String> later) {
        if (!before.equals(after)) {
            later.add("halvs.yml: " + part + ": " + RESTART);
        }
        return before;
    }
}
