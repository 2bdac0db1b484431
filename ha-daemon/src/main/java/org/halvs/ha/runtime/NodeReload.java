package org.halvs.ha.runtime;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.halvs.director.DirectorStatus;
import org.halvs.ha.arbitration.ArbitrationConfiguration;
import org.halvs.ha.cluster.ClusterNode;
import org.halvs.ha.config.Authkeys;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.ha.config.ClusterFiles;
import org.halvs.ha.config.HalvsYml;
import org.halvs.ha.config.StopRetries;
import org.halvs.ha.membership.Membership;
import org.halvs.ha.membership.MembershipException;
import org.halvs.ha.takeover.Claim;
import org.halvs.ha.takeover.TakeoverRules;
import org.halvs.ipvs.forward.IpvsSettings;
import org.halvs.ldirectord.daemon.ConfigWatcher;
import org.halvs.resource.ResourceGroup;

/** Brings other files into effect in a node that runs. Confined to the control thread. */
final class NodeReload implements ReloadCommand.Target {
    private final String name;
    private final Path etc;
    private final RunningFiles running;
    private final ClusterNode cluster;
    private final GroupRunner groups;
    private final Membership membership;
    private final Directors directors;
    private final DirectorFiles directorFiles;
    private final ArbitrationParts arbitration;
    private final NodePlane plane;
    private final Consumer<List<ResourceGroup>> links;
    private final Consumer<IpvsSettings> settings;

    NodeReload(
            String name,
            Path etc,
            RunningFiles running,
            ClusterNode cluster,
            GroupRunner groups,
            Membership membership,
            Directors directors,
            DirectorFiles directorFiles,
            ArbitrationParts arbitration,
            NodePlane plane,
            Consumer<List<ResourceGroup>> links,
            Consumer<IpvsSettings> settings) {
        this.name = name;
        this.etc = etc;
        this.running = running;
        this.cluster = cluster;
        this.groups = groups;
        this.membership = membership;
        this.directors = directors;
        this.directorFiles = directorFiles;
        this.arbitration = arbitration;
        this.plane = plane;
        this.links = links;
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
    public List<String> active() {
        return cluster.ownership().view().members();
    }

    @Override
    public void apply(ClusterFiles files, HalvsYml own, Map<Path, ConfigWatcher.Change> services) {
        ClusterFiles before = running.cluster();
        ClusterConfig config = files.config();
        if (!samePaths(before.config(), config) && !membership.change(config)) {
            throw new MembershipException("this node is not in the cluster yet; try again");
        }
        if (!config.log().equals(before.config().log())) {
            DaemonLog.configure(config.log(), name);
        }
        if (!files.authkeys().equals(before.authkeys()) && !membership.changeAuthkeys(files.authkeys())) {
            throw new MembershipException("this node is not in the cluster yet; try again");
        }
        arbitration.configure(files, own.arbitration());
        if (!own.settings().equals(running.own().settings())) {
            settings.accept(own.settings());
        }
        if (!own.marks().equals(running.own().marks())) {
            plane.marks().accept(own.marks());
        }
        directorFiles.know(files.groups());
        services.forEach(directors::reload);
        groups.configure(files.groups());
        groups.stopRetries(StopRetries.of(config, etc));
        links.accept(files.groups());
        cluster.configure(TakeoverRules.of(
                config, files.groups(), new ArbitrationConfiguration(config, own.arbitration(), name).rules()));
    }

    private static boolean samePaths(ClusterConfig before, ClusterConfig after) {
        return before.nodes().equals(after.nodes())
                && before.media().equals(after.media())
                && before.timing().equals(after.timing());
    }

    @Override
    public boolean changeAuthkeys(Authkeys authkeys) {
        arbitration.changeAuthkeys(authkeys);
        return membership.changeAuthkeys(authkeys);
    }
}
