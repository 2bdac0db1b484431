package org.halvs.ha.cluster;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.halvs.ha.arbitration.ClaimNetwork;
import org.halvs.ha.arbitration.ClaimQuestion;
import org.halvs.ha.arbitration.PublishedClaims;
import org.halvs.ha.takeover.ClaimAnswer;
import org.halvs.ha.takeover.ClaimReport;
import org.halvs.ha.takeover.ClaimState;

/** A node's place on the simulated service network: asks who has what, and answers by what was published last. */
final class SimClaims implements ClaimNetwork {
    private final SimCluster world;
    private final SimNode node;
    private final PublishedClaims published;

    SimClaims(SimCluster world, SimNode node) {
        this.world = world;
        this.node = node;
        this.published = new PublishedClaims(node.wakefulness, world.clock.nowNanos());
    }

    @Override
    public void publish(Map<String, ClaimAnswer> answers) {
        published.publish(answers, world.clock.nowNanos());
    }

    @Override
    public void check(List<ClaimQuestion> questions, Consumer<ClaimReport> done) {
        questions.forEach(question -> new SimClaimCheck(world, node, question, done).begin());
    }

    /** What this node says of a group now. */
    ClaimAnswer answer(String group) {
        node.beat();
        return published
                .at(world.clock.nowNanos(), SimNode.ASLEEP)
                .getOrDefault(group, new ClaimAnswer(ClaimState.NOTHING, 0, 0));
    }

    /** Another node asks. Answers what it is told. */
    ClaimAnswer asked(String by, String group, ClaimAnswer asking) {
        ClaimAnswer mine = answer(group);
        if (asking.state() != ClaimState.NOTHING) {
            node.loop.enqueue(() -> node.cluster.arbiter().asked(by, group, asking));
        }
        return mine;
    }

    @Override
    public void close() {}
}
