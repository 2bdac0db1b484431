package org.halvs.ha.runtime;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.ha.config.ClusterFiles;
import org.halvs.ha.config.Directive;
import org.halvs.ha.config.HalvsYml;
import org.halvs.ha.config.Timing;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;

/**
 * What differs between the files in effect and those that were read: what a reload does, and what has to wait for a restart. Pure; no text has a
 * secret in it.
 *
 * @param changes take effect with a reload, a clause each
 * @param later take effect with a restart of the daemon only
 */
record ReloadDiff(List<String> changes, List<String> later) {
    /** Directives whose lines are read when the daemon starts and never again. */
    private static final List<String> AT_START = List.of(
            "ping",
            "ping_group",
            "stonith",
            "stonith_host",
            "respawn",
            "failfast",
            "watchdog",
            "apiauth",
            "realtime",
            "rtprio");

    ReloadDiff {
        changes = List.copyOf(changes);
        later = List.copyOf(later);
    }

    static ReloadDiff of(ClusterFiles before, ClusterFiles after, HalvsYml ownBefore, HalvsYml ownAfter) {
        List<String> changes = new ArrayList<>();
        List<String> later = new ArrayList<>();
        config(before.config(), after.config(), changes, later);
        authkeys(before, after, changes);
        groups(before.groups(), after.groups(), changes);
        own(ownBefore, ownAfter, changes, later);
        return new ReloadDiff(changes, later);
    }

    boolean isEmpty() {
        return changes.isEmpty() && later.isEmpty();
    }

    private static void config(ClusterConfig before, ClusterConfig after, List<String> changes, List<String> later) {
        if (!before.nodes().equals(after.nodes())) {
            later.add("ha.cf: nodes " + String.join(" ", before.nodes()) + " -> " + String.join(" ", after.nodes()));
        }
        if (!before.media().equals(after.media())) {
            later.add("ha.cf: the paths between the nodes (ucast, bcast, mcast, udpport)");
        }
        timing(before.timing(), after.timing(), changes);
        if (before.autoFailback() != after.autoFailback()) {
            changes.add("ha.cf: auto_failback " + word(before.autoFailback()) + " -> " + word(after.autoFailback()));
        }
        if (!before.log().equals(after.log())) {
            changes.add("ha.cf: where the log goes");
        }
        for (String name : AT_START) {
            if (!lines(before, name).equals(lines(after, name))) {
                later.add("ha.cf: " + name);
            }
        }
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static List<List<String>> lines(ClusterConfig config, String name) {
        return config.directives().stream()
                .filter(line -> line.name().equals(name))
                .map(Directive::arguments)
                .toList();
    }

    private static void timing(Timing before, Timing after, List<String> changes) {
        time("keepalive", before.keepalive(), after.keepalive(), changes);
        time("warntime", before.warntime(), after.warntime(), changes);
        time("deadtime", before.deadtime(), after.deadtime(), changes);
        time("initdead", before.initdead(), after.initdead(), changes);
        time("deadping", before.deadping(), after.deadping(), changes);
    }

    private static void time(String name, java.time.Duration before, java.time.Duration after, List<String> changes) {
        if (!before.equals(after)) {
            changes.add("ha.cf: " + name + " " + before.toMillis() + " ms -> " + after.toMillis() + " ms");
        }
    }

    private static void authkeys(ClusterFiles before, ClusterFiles after, List<String> changes) {
        if (!before.authkeys().equals(after.authkeys())) {
            changes.add("authkeys: keys " + before.authkeys().keys().keySet() + " of which "
                    + before.authkeys().signing() + " signs -> "
                    + after.authkeys().keys().keySet() + " of which "
                    + after.authkeys().signing() + " signs");
        }
    }

    private static void groups(List<ResourceGroup> before, List<ResourceGroup> after, List<String> changes) {
        for (ResourceGroup old : before) {
            Optional<ResourceGroup> now = find(after, old.key());
            if (now.isEmpty()) {
                changes.add("haresources: group " + old.key() + " is gone, it is released");
                continue;
            }
            if (!now.get().preferredNode().equals(old.preferredNode())) {
                changes.add("haresources: " + old.key() + " prefers " + old.preferredNode() + " -> "
                        + now.get().preferredNode());
            }
            without(old.resources(), now.get().resources())
                    .forEach(spec -> changes.add("haresources: " + old.key() + " - " + spec.text()));
            without(now.get().resources(), old.resources())
                    .forEach(spec -> changes.add("haresources: " + old.key() + " + " + spec.text()));
        }
        for (ResourceGroup now : after) {
            if (find(before, now.key()).isEmpty()) {
                changes.add("haresources: new group " + now.key() + ", which prefers " + now.preferredNode());
            }
        }
    }

    private static Optional<ResourceGroup> find(List<ResourceGroup> groups, String key) {
        return groups.stream().filter(group -> group.key().equals(key)).findFirst();
    }

    private static List<ResourceSpec> without(List<ResourceSpec> all, List<ResourceSpec> those) {
        return all.stream().filter(spec -> !those.contains(spec)).toList();
    }

    /** The settings of IPVS change while the daemon runs; the rest of halvs.yml is read when it starts. */
    private static void own(HalvsYml before, HalvsYml after, List<String> changes, List<String> later) {
        for (RecordComponent part : HalvsYml.class.getRecordComponents()) {
            if (!value(before, part).equals(value(after, part))) {
                boolean now =
                        part.getName().equals("settings") || part.getName().equals("marks");
                (now ? changes : later).add("halvs.yml: " + part.getName());
            }
        }
    }

    private static Object value(HalvsYml yml, RecordComponent part) {
        try {
            return part.getAccessor().invoke(yml);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a public record's component can't be read", e);
        }
    }
}
