package org.halvs.ha.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hundreds of bad days in virtual time. A failing seed is replayed by running {@link #day} with it. */
class ClusterSimulationTest {
    private static final int SEEDS = Integer.getInteger("halvs.simulation.seeds", 100);
    /** After the last fault: detection, a round of messages, a release and an acquisition, each at its slowest, and the repeat of a lost status. */
    private static final long SETTLE_MILLIS = 5_000;

    @ParameterizedTest(name = "{0} nodes, auto_failback {1}")
    @CsvSource({"2,true", "2,false", "3,true", "3,false"})
    void oneOwnerInTheEndAndNeverTwoInAView(int nodes, boolean returnsHome) {
        for (long seed = 1; seed <= SEEDS; seed++) {
            day(nodes, returnsHome, seed, false);
        }
    }

    @ParameterizedTest(name = "{0} nodes")
    @CsvSource({"2", "3"})
    void theSameSeedIsTheSameDay(int nodes) {
        assertThat(day(nodes, true, 42, false)).isEqualTo(day(nodes, true, 42, false));
    }

    @ParameterizedTest(name = "{0} nodes, auto_failback {1}")
    @CsvSource({"2,true", "2,false", "3,true"})
    void nodesThatReadDifferentFilesDoNotFight(int nodes, boolean returnsHome) {
        for (long seed = 1; seed <= SEEDS / 4; seed++) {
            day(nodes, returnsHome, seed, true);
        }
    }

    private static TakeoverRules rules(int count, boolean returnsHome) {
        List<String> names = List.of("alice", "bob", "carol").subList(0, count);
        List<ResourceGroup> groups = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            String key = "g" + i;
            groups.add(new ResourceGroup(names.get(i % count), List.of(new ResourceSpec(key, List.of(), key)), i + 1));
        }
        return new TakeoverRules(names, returnsHome, Duration.ofSeconds(3), groups);
    }

    private static List<String> day(int count, boolean returnsHome, long seed, boolean drift) {
        TakeoverRules rules = rules(count, returnsHome);
        Random random = new Random(seed * 31 + count);
        SimCluster cluster = new SimCluster(rules, SimCluster.World.ROUGH, seed);
        if (drift) {
            TakeoverRules other = new TakeoverRules(
                    rules.nodes().reversed(),
                    returnsHome,
                    rules.initdead(),
                    rules.groups().stream()
                            .map(g -> new ResourceGroup(rules.nodes().getLast(), g.resources(), g.line()))
                            .toList());
            cluster.rulesOf(rules.nodes().getLast(), other);
        }
        for (int step = 0; step < 25; step++) {
            fault(cluster, rules, random);
            cluster.run(random.nextInt(3) == 0 ? random.nextInt(20) : random.nextInt(3_000));
            assertThat(cluster.violations()).as(() -> describe(seed, cluster)).isEmpty();
        }
        cluster.calmDown();
        cluster.heal();
        rules.nodes().stream().filter(n -> !cluster.isUp(n)).forEach(cluster::start);
        cluster.run(SETTLE_MILLIS);
        rules.nodes().forEach(cluster::clearFailures);
        rules.nodes().stream().filter(n -> !cluster.isUp(n)).forEach(cluster::start);
        cluster.run(SETTLE_MILLIS);
        assertThat(cluster.violations()).as(() -> describe(seed, cluster)).isEmpty();
        for (ResourceGroup group : rules.groups()) {
            assertThat(cluster.owners(group.key()))
                    .as(() -> group.key() + ", " + describe(seed, cluster))
                    .hasSize(1);
        }
        return cluster.trace();
    }

    private static String describe(long seed, SimCluster cluster) {
        return "seed " + seed + "\n" + String.join("\n", cluster.trace());
    }

    private static void fault(SimCluster cluster, TakeoverRules rules, Random random) {
        String node = rules.nodes().get(random.nextInt(rules.nodes().size()));
        Scope scope = Scope.values()[random.nextInt(3)];
        List<String> down = rules.nodes().stream().filter(n -> !cluster.isUp(n)).toList();
        if (!down.isEmpty() && random.nextInt(3) > 0) {
            down.forEach(cluster::start);
            return;
        }
        switch (random.nextInt(10)) {
            case 0, 1 -> cluster.clearFailures(node);
            case 2 -> cluster.crash(node);
            case 3 -> cluster.crash(node);
            case 4 -> cluster.leave(node);
            case 5 -> cluster.cut(List.of(node));
            case 6, 7 -> cluster.heal();
            case 8 -> cluster.standby(node, scope);
            default -> cluster.takeover(node, scope);
        }
    }
}
