package org.halvs.ha.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.halvs.ha.event.DomainEvent;
import org.junit.jupiter.api.Test;

class HookCallTest {

    @Test
    void statusNamesTheOtherNodeAndItsState() {
        assertThat(HookCall.of(new DomainEvent.NodeStatusChanged("bob", false, "dead"), "alice"))
                .singleElement()
                .satisfies(call -> {
                    assertThat(call.type()).isEqualTo("status");
                    assertThat(call.fields())
                            .containsEntry("t", "status")
                            .containsEntry("src", "bob")
                            .containsEntry("st", "dead");
                });
        assertThat(HookCall.of(new DomainEvent.NodeStatusChanged("alice", true, "active"), "alice"))
                .isEmpty();
    }

    @Test
    void everyTypeHasAnEvent() {
        List<DomainEvent> events = List.of(
                new DomainEvent.NodeStatusChanged("bob", false, "dead"),
                new DomainEvent.GroupReleasing("key", ""),
                new DomainEvent.GroupAcquiring("key", ""),
                new DomainEvent.StandbyBegun("bob", "all", "alice", false),
                new DomainEvent.TakeoverRequested("alice", "local"));
        assertThat(events.stream()
                        .flatMap(event -> HookCall.of(event, "alice").stream())
                        .map(HookCall::type))
                .containsExactlyElementsOf(HookCall.TYPES);
    }

    @Test
    void whatHeartbeatCameWithIsRecognisedByWhatItCalls() {
        assertThat(ShippedHook.program("""
                #!/bin/sh
                . $HA_FUNCS
                case $HA_st in
                  dead)	$HA_NOARCHBIN/mach_down $HA_src;;
                esac
                """)).contains("mach_down");
        assertThat(ShippedHook.program("TAKE=$HA_NOARCHBIN/ResourceManager\n")).contains("ResourceManager");
        assertThat(ShippedHook.program("/usr/share/heartbeat/hb_standby $standby_rsc\n"))
                .contains("hb_standby");
        assertThat(ShippedHook.program("""
                #!/bin/sh
                # in the place of the one that called mach_down
                logger "node $HA_src is $HA_st"
                """)).isEmpty();
    }

    @Test
    void optionsOfHeartbeat() {
        assertThat(HeartbeatUsage.action(List.of())).isEqualTo(HeartbeatUsage.Action.START);
        assertThat(HeartbeatUsage.action(List.of("-k"))).isEqualTo(HeartbeatUsage.Action.STOP);
        assertThat(HeartbeatUsage.action(List.of("-ds"))).isEqualTo(HeartbeatUsage.Action.STATUS);
        assertThat(HeartbeatUsage.wrongOption(List.of("-h"))).contains('h');
        assertThat(HeartbeatUsage.wrongOption(List.of("-C", "h", "-r"))).isEmpty();
        assertThat(HeartbeatUsage.text("/usr/libexec/heartbeat/heartbeat", 'h')).isEqualTo("""
                /usr/libexec/heartbeat/heartbeat: invalid option -- 'h'

                Usage: heartbeat [-dDkMrRsvWlVf] [-C Current-resource-state]
                \t-C only valid with -R
                \t-r is mutually exclusive with -R
                """);
    }
}
