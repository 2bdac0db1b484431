package org.halvs.ha.runtime;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.ha.config.ClusterFiles;
import org.halvs.ha.config.HalvsYml;
import org.halvs.ha.config.Medium;
import org.halvs.ha.config.Timing;
import org.halvs.resource.ResourceGroup;

/**
 * What differs between two sets of files, of which one is in effect and the other is about to be. Pure; no text has a secret in it.
 *
 * @param changes a clause each
 */
record ReloadDiff(List<String> changes) {
    /** Directives that have no value of their own in {@link ClusterConfig}. */
    private static final List<String> OTHERS =
            List.of("stonith", "stonith_host", "watchdog", "respawn", "failfast", "env");

    ReloadDiff {
        changes = List.copyOf(changes);
    }

    static ReloadDiff of(ClusterFiles before, ClusterFiles after, HalvsYml ownBefore, HalvsYml ownAfter) {
        List<String> changes = new ArrayList<>();
        config(before.config(), after.config(), changes);
        authkeys(before, after, changes);
        groups(before.groups(), after.groups(), changes);
        own(ownBefore, ownAfter, changes);
        return new ReloadDiff(changes);
    }

    boolean isEmpty() {
        return changes.isEmpty();
    }

    private static void config(ClusterConfig before, ClusterConfig after, List<String> changes) {
        if (!before.nodes().equals(after.nodes())) {
            changes.add("ha.cf: nodes " + String.join(" ", before.nodes()) + " -> " + String.join(" ", after.nodes()));
        }
        without(before.media(), after.media()).forEach(medium -> changes.add("ha.cf: - path " + text(medium)));
        without(after.media(), before.media()).forEach(medium -> changes.add("ha.cf: + path " + text(medium)));
        timing(before.timing(), after.timing(), changes);
        if (before.autoFailback() != after.autoFailback()) {
            changes.add("ha.cf: auto_failback " + word(before.autoFailback()) + " -> " + word(after.autoFailback()));
        }
        if (!before.log().equals(after.log())) {
            changes.add("ha.cf: where the log goes");
        }
        without(before.pings(), after.pings()).forEach(ping -> changes.add("ha.cf: - ping node " + ping.name()));
        without(after.pings(), before.pings()).forEach(ping -> changes.add("ha.cf: + ping node " + ping.name()));
        for (String name : OTHERS) {
            if (!EffectiveFiles.arguments(before, name).equals(EffectiveFiles.arguments(after, name))) {
                changes.add("ha.cf: " + name);
            }
        }
    }

    private static String text(Medium medium) {
        return switch (medium) {
            case Medium.Ucast ucast -> "ucast " + ucast.link() + " " + ucast.peer() + ", port " + ucast.port();
            case Medium.Bcast bcast -> "bcast " + bcast.link() + ", port " + bcast.port();
            case Medium.Mcast mcast -> "mcast " + mcast.link() + " " + mcast.group() + ", port " + mcast.port();
            case Medium.Serial serial -> "serial " + serial.link();
        };
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
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

    private static <T> List<T> without(List<T> all, List<T> those) {
        return all.stream().filter(one -> !those.contains(one)).toList();
    }

    private static void own(HalvsYml before, HalvsYml after, List<String> changes) {
        for (RecordComponent part : HalvsYml.class.getRecordComponents()) {
            if (!value(before, part).equals(value(after, part))) {
                changes.add("halvs.yml: " + part.getName());
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
