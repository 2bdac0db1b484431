package org.halvs.ha.runtime;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.halvs.director.DirectorStatus;
import org.halvs.ha.config.Authkeys;
import org.halvs.ha.config.ClusterFiles;
import org.halvs.ha.config.HalvsYml;
import org.halvs.ha.membership.Membership;
import org.halvs.ha.takeover.Claim;
import org.halvs.ha.takeover.TakeoverRules;
import org.halvs.ipvs.forward.IpvsSettings;
import org.halvs.ldirectord.daemon.ConfigWatcher;

/** Brings other files into effect in a node that runs. Confined to the control thread. */
final class NodeReload implements ReloadCommand.Target {
    private final String name;
    private final RunningFiles running;
    private final ClusterNode cluster;
    private final GroupRunner groups;
    private final Membership membership;
    private final Directors directors;
    private final DirectorFiles directorFiles;
    private final Consumer<IpvsSettings> settings;

    NodeReload(
            String name,
            RunningFiles running,
            ClusterNode cluster,
            GroupRunner groups,
            Membership membership,
            Directors directors,
            DirectorFiles directorFiles,
            Consumer<IpvsSettings> settings) {
        this.name = name;
        this.running = running;
        this.cluster = cluster;
        this.groups = groups;
        this.membership = membership;
        this.directors = directors;
        this.directorFiles = directorFiles;
        this.settings = settings;
    }

    @Override
    public String obstacle() {
        return cluster.ownership().status().groups().stream()
                .filter(group -> group.claim() == Claim.ACQUIRING || group.claim() == Claim.RELEASING)
                .map(group -> group.group() + " is being started or stopped")
                .findFirst()
                .orElse("");
    }

    @Override
    public List<DirectorStatus> services(Path file) {
        return directors.status().stream()
                .filter(status -> status.configuration().equals(file.toString()))
                .flatMap(status -> status.services().stream())
                .toList();
    }

    @Override
    public List<String> apply(ClusterFiles files, HalvsYml own, Map<Path, ConfigWatcher.Change> services) {
        ClusterFiles before = running.cluster();
        List<String> later = new ArrayList<>();
        if (!files.config().log().equals(before.config().log())) {
            DaemonLog.configure(files.config().log(), name);
        }
        boolean sameKeys = files.authkeys().equals(before.authkeys());
        if (!sameKeys && !changeAuthkeys(files.authkeys())) {
            later.add("authkeys");
        }
        boolean sameTimes = files.config().timing().equals(before.config().timing());
        if (!sameTimes && !membership.changeTiming(files.config().timing())) {
            later.add("ha.cf: keepalive, warntime and deadtime as the paths between the nodes use them");
        }
        if (!own.settings().equals(running.own().settings())) {
            settings.accept(own.settings());
        }
        directorFiles.know(files.groups());
        services.forEach(directors::reload);
        groups.configure(files.groups());
        TakeoverRules rules =
                TakeoverRules.of(files.config(), files.groups(), cluster.rules().arbitration());
        cluster.configure(rules);
        return later;
    }

    @Override
    public boolean changeAuthkeys(Authkeys authkeys) {
        return membership.changeAuthkeys(authkeys);
    }
}
