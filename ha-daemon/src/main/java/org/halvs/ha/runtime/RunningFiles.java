package org.halvs.ha.runtime;

import org.halvs.ha.config.ClusterFiles;
import org.halvs.ha.config.HalvsYml;

/** The files that are in effect. Confined to the control thread; what it answers is immutable. */
final class RunningFiles {
    private ClusterFiles cluster;
    private HalvsYml own;

    RunningFiles(ClusterFiles cluster, HalvsYml own) {
        this.cluster = cluster;
        this.own = own;
    }

    ClusterFiles cluster() {
        return cluster;
    }

    HalvsYml own() {
        return own;
    }

    void replace(ClusterFiles newCluster, HalvsYml newOwn) {
        cluster = newCluster;
        own = newOwn;
    }
}
