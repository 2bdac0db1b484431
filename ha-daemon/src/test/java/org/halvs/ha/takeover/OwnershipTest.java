package org.halvs.ha.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;
import org.junit.jupiter.api.Test;

/** One node alone; stories of several are in {@code ClusterStoriesTest}. */
class OwnershipTest {
    private static final String VIP = "IPaddr2::192.0.2.1";

    @Test
    void aGroupThatCanNotBeStoppedIsTakenByNobody() {
        TakeoverRules rules = new TakeoverRules(
                List.of("alice"),
                true,
                Duration.ZERO,
                List.of(new ResourceGroup("alice", List.of(new ResourceSpec("x", List.of(), VIP)), 1)));
        Ownership alice = new Ownership(rules, "alice", 1, 0);
        assertThat(alice.ready(true, 0)).singleElement().isInstanceOf(TakeoverStep.Acquire.class);
        alice.acquired(VIP, 1);
        assertThat(alice.leave(2)).singleElement().isInstanceOf(TakeoverStep.Release.class);
        alice.releaseFailed(VIP, "device is busy", 3);
        assertThat(alice.mayLeave()).isFalse();
        assertThat(alice.status().group(VIP).claim()).isEqualTo(Claim.RELEASING);
        assertThat(alice.outlooks().getFirst().reason()).isEqualTo("alice could not stop it: device is busy");
        alice.released(VIP, 4);
        alice.statusToSend(4);
        assertThat(alice.mayLeave()).isTrue();
    }

    @Test
    void aGroupThatLeftTheFileIsReleased() {
        TakeoverRules rules = new TakeoverRules(
                List.of("alice"),
                true,
                Duration.ZERO,
                List.of(new ResourceGroup("alice", List.of(new ResourceSpec("x", List.of(), VIP)), 1)));
        Ownership alice = new Ownership(rules, "alice", 1, 0);
        alice.ready(true, 0);
        alice.acquired(VIP, 1);
        TakeoverRules without = new TakeoverRules(List.of("alice"), true, Duration.ZERO, List.of());
        assertThat(alice.configure(without, 2))
                .containsExactly(new TakeoverStep.Release(VIP, "it is no longer in haresources"));
    }

    @Test
    void whatDidNotStartIsTriedAgainWhenTheFilesAreRead() {
        TakeoverRules rules = new TakeoverRules(
                List.of("alice"),
                true,
                Duration.ZERO,
                List.of(new ResourceGroup("alice", List.of(new ResourceSpec("x", List.of(), VIP)), 1)));
        Ownership alice = new Ownership(rules, "alice", 1, 0);
        alice.ready(true, 0);
        assertThat(alice.acquireFailed(VIP, 1)).isEmpty();
        assertThat(alice.tick(59_000_000_000L)).isEmpty();
        assertThat(alice.configure(rules, 59_000_000_001L)).singleElement().isInstanceOf(TakeoverStep.Acquire.class);
    }
}
