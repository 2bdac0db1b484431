package org.halvs.ha.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.membership.Departure;
import org.halvs.ha.membership.ViewId;
import org.junit.jupiter.api.Test;

/** What bob makes of a group that alice had. */
class FormerHoldersTest {
    private static final String GROUP = "IPaddr2::192.0.2.10";
    private static final ViewId VIEW = new ViewId("alice", 1);

    private final FormerHolders holders = new FormerHolders();

    private FormerHolders.News says(Claim claim, String unfit) {
        GroupStatus group = new GroupStatus(GROUP, claim, 0, 0, false, false, false, false, unfit, false, false);
        return holders.heard(new NodeStatus(
                "alice",
                1,
                1,
                VIEW,
                true,
                true,
                false,
                0,
                NodeStatus.PINGS_UNKNOWN,
                Map.of(),
                List.of(group),
                List.of()));
    }

    private void departs(Departure how) {
        holders.viewInstalled(new ClusterView(VIEW, List.of("bob"), false, Map.of("alice", how)));
    }

    @Test
    void aSilentNodeThatHadItIsOutOfReachUntilItIsBack() {
        assertThat(says(Claim.HELD, "").held()).containsExactly(GROUP);
        assertThat(says(Claim.HELD, "").held()).isEmpty();
        assertThat(holders.unreachable(GROUP)).isEmpty();
        departs(Departure.SILENT);
        assertThat(holders.unreachable(GROUP)).contains("alice");
        holders.viewInstalled(new ClusterView(VIEW, List.of("alice", "bob"), true));
        assertThat(holders.unreachable(GROUP)).isEmpty();
    }

    @Test
    void aNodeWhoseKernelIsAliveIsNot() {
        says(Claim.HELD, "");
        departs(Departure.PROCESS_ENDED);
        assertThat(holders.unreachable(GROUP)).isEmpty();
        departs(Departure.SILENT);
        assertThat(holders.unreachable(GROUP)).isEmpty();
    }

    @Test
    void norIsOneThatHandedItOver() {
        says(Claim.HELD, "");
        says(Claim.RELEASING, "");
        says(Claim.NONE, "");
        departs(Departure.SILENT);
        assertThat(holders.unreachable(GROUP)).isEmpty();
    }

    @Test
    void aNodeWithoutCarrierIsOutOfReachOnTheNetworkOfTheGroupUntilItHasOne() {
        says(Claim.HELD, "");
        assertThat(says(Claim.RELEASING, "eth0 has no carrier").fit()).isFalse();
        says(Claim.NONE, "eth0 has no carrier");
        assertThat(holders.unreachable(GROUP)).contains("alice");
        holders.taken(GROUP);
        assertThat(holders.unreachable(GROUP)).isEmpty();
        assertThat(says(Claim.NONE, "").fit()).isTrue();
        assertThat(says(Claim.HELD, "").held()).containsExactly(GROUP);
    }
}
