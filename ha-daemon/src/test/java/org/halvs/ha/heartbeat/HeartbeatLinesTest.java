package org.halvs.ha.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.halvs.ha.event.DomainEvent;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;
import org.junit.jupiter.api.Test;

/** Log lines as heartbeat 3.0.6 wrote them on alice and on bob when these things happened to it. */
class HeartbeatLinesTest {
    private static final String KEY = "IPaddr2::10.77.0.50/24/eth0";
    private static final ResourceGroup GROUP = new ResourceGroup(
            "alice",
            List.of(
                    new ResourceSpec("IPaddr2", List.of("10.77.0.50/24/eth0"), KEY),
                    new ResourceSpec("ldirectord", List.of("x.cf"), "ldirectord::x.cf")),
            1);

    private static List<String> lines(String local, boolean fencing, DomainEvent... events) {
        HeartbeatLines lines = new HeartbeatLines(
                local,
                fencing,
                key -> Optional.of(GROUP).filter(group -> group.key().equals(key)));
        return Arrays.stream(events)
                .flatMap(event -> lines.of(event).stream())
                .map(HeartbeatLine::toString)
                .toList();
    }

    @Test
    void standbyOnTheGivingNode() {
        assertThat(lines(
                        "alice",
                        false,
                        new DomainEvent.StandbyBegun("alice", "all", "bob", true),
                        new DomainEvent.GroupReleasing(KEY, "why"),
                        new DomainEvent.StandbyCompleted("alice", "all", "bob", true)))
                .containsExactly(
                        "info: alice wants to go standby [all]",
                        "info: standby: bob can take our all resources",
                        "info: give up all HA resources (standby).",
                        "info: Releasing resource group: alice IPaddr2::10.77.0.50/24/eth0 ldirectord::x.cf",
                        "info: all HA resource release completed (standby).",
                        "info: Local standby process completed [all].",
                        "info: Other node completed standby takeover of all resources.");
    }

    @Test
    void standbyOnTheTakingNode() {
        assertThat(lines(
                        "bob",
                        false,
                        new DomainEvent.StandbyBegun("alice", "foreign", "bob", false),
                        new DomainEvent.GroupAcquiring(KEY, "why"),
                        new DomainEvent.StandbyCompleted("alice", "foreign", "bob", false)))
                .containsExactly(
                        "info: alice wants to go standby [foreign]",
                        "info: standby: acquire [foreign] resources from alice",
                        "info: acquire foreign HA resources (standby).",
                        "info: Acquiring resource group: alice IPaddr2::10.77.0.50/24/eth0 ldirectord::x.cf",
                        "info: foreign HA resource acquisition completed (standby).",
                        "info: Standby resource acquisition done [foreign].");
    }

    @Test
    void deathOfTheOtherNode() {
        DomainEvent death = new DomainEvent.NodeDeparted("bob", "nothing is heard of it any more", false, false);
        assertThat(lines("alice", false, death, new DomainEvent.TakeoverCompleted("bob")))
                .containsExactly(
                        "WARN: node bob: is dead",
                        "WARN: No STONITH device configured.",
                        "WARN: Shared disks are not protected.",
                        "info: Resources being acquired from bob.",
                        "info: mach_down takeover complete for node bob.",
                        "info: mach_down takeover complete.");
        assertThat(lines("alice", true, death)).noneMatch(line -> line.contains("STONITH"));
        assertThat(lines("alice", false, new DomainEvent.NodeDeparted("bob", "", false, true)))
                .containsExactly("WARN: node bob: is dead", "info: Dead node bob gave up resources.");
    }

    @Test
    void orderlyEnds() {
        assertThat(lines(
                        "alice",
                        false,
                        new DomainEvent.ShutdownNoticed("bob"),
                        new DomainEvent.NodeDeparted("bob", "", true, false)))
                .containsExactly(
                        "info: Received shutdown notice from 'bob'.", "info: Resources being acquired from bob.");
        assertThat(lines(
                        "alice",
                        false,
                        new DomainEvent.ShutdownBegun("alice", 23),
                        new DomainEvent.AllReleased("alice"),
                        new DomainEvent.NodeStopped("alice", "it was told to")))
                .containsExactly(
                        "info: Heartbeat shutdown in progress. (23)",
                        "info: Giving up all HA resources.",
                        "info: All HA resources relinquished.",
                        "info: alice Heartbeat shutdown complete.");
    }

    @Test
    void linksAndNodes() {
        assertThat(lines(
                        "alice",
                        false,
                        new DomainEvent.LinkChanged("bob", "eth0", true),
                        new DomainEvent.LinkChanged("bob", "eth1", false),
                        new DomainEvent.NodeStatusChanged("bob", false, "active"),
                        new DomainEvent.NodeStatusChanged("alice", true, "active"),
                        new DomainEvent.LateHeartbeat("bob", Duration.ofMillis(6010), Duration.ofSeconds(10)),
                        new DomainEvent.LateHeartbeat("bob", Duration.ofMillis(16010), Duration.ofSeconds(10))))
                .containsExactly(
                        "info: Link bob:eth0 up.",
                        "info: Link bob:eth1 dead.",
                        "info: Status update for node bob: status active",
                        "info: Local status now set to: 'active'",
                        "WARN: Late heartbeat: Node bob: interval 6010 ms",
                        "CRIT: Late heartbeat: Node bob: interval 16010 ms (> deadtime)");
    }

    @Test
    void trouble() {
        assertThat(lines(
                        "alice",
                        false,
                        new DomainEvent.MembershipChanged(List.of("alice", "bob"), List.of("bob"), List.of(), true),
                        new DomainEvent.OwnershipBroken(KEY, List.of("alice", "bob"), false, ""),
                        new DomainEvent.OwnershipBroken(KEY, List.of(), true, ""),
                        new DomainEvent.ResourceFailed(
                                KEY, "Filesystem::/dev/x", "start", "exit status 5: no such device")))
                .containsExactly(
                        "CRIT: Cluster node bob returning after partition.",
                        "WARN: Deadtime value may be too small.",
                        "ERROR: Both machines own our resources!",
                        "ERROR: No one owns foreign resources!",
                        "ERROR: Return code 5 from Filesystem::/dev/x",
                        "CRIT: Giving up resources due to failure of Filesystem::/dev/x");
    }

    @Test
    void eventsOfOurOwnHaveNoLine() {
        assertThat(lines(
                        "alice",
                        false,
                        new DomainEvent.ConfigurationDrift("bob", List.of("node")),
                        new DomainEvent.Degraded("x", "y")))
                .isEmpty();
    }
}
