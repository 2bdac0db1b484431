package org.halvs.ha.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.halvs.ha.config.Authkeys;
import org.halvs.ha.config.ClusterFiles;
import org.halvs.ha.config.HaCf;
import org.halvs.ha.config.HalvsYml;
import org.halvs.ha.config.Haresources;
import org.halvs.ha.config.HostFacts;
import org.junit.jupiter.api.Test;

class ReloadDiffTest {
    private static final String HA_CF =
            "node alice bob\nbcast eth0\nkeepalive 1\ndeadtime 10\ninitdead 30\nauto_failback on\n";
    private static final String HARESOURCES = "alice IPaddr2::192.0.2.1 ldirectord\nbob IPaddr2::192.0.2.2\n";

    private static ClusterFiles files(String haCf, String haresources, String secret) {
        return new ClusterFiles(
                HaCf.parse("ha.cf", haCf, HostFacts.unknown()).value().orElseThrow(),
                new Authkeys(1, Map.of(1, new Authkeys.Key(1, Authkeys.Method.SHA1, secret))),
                Haresources.parse("haresources", haresources, List.of()).value().orElseThrow());
    }

    private static ReloadDiff diff(String haCf, String haresources, String secret) {
        return ReloadDiff.of(
                files(HA_CF, HARESOURCES, "old"), files(haCf, haresources, secret), HalvsYml.DEFAULT, HalvsYml.DEFAULT);
    }

    @Test
    void nothing() {
        assertThat(diff(HA_CF + "# a comment\n", HARESOURCES, "old").isEmpty()).isTrue();
    }

    @Test
    void groupsChangeByResource() {
        assertThat(diff(HA_CF, "bob IPaddr2::192.0.2.1 MailTo::root\nalice IPaddr2::192.0.2.3\n", "old")
                        .changes())
                .containsExactly(
                        "haresources: IPaddr2::192.0.2.1 prefers alice -> bob",
                        "haresources: IPaddr2::192.0.2.1 - ldirectord",
                        "haresources: IPaddr2::192.0.2.1 + MailTo::root",
                        "haresources: group IPaddr2::192.0.2.2 is gone, it is released",
                        "haresources: new group IPaddr2::192.0.2.3, which prefers alice");
    }

    @Test
    void everythingOfHaCfIsNamed() {
        assertThat(diff(
                                "node alice carol\nbcast eth1\nkeepalive 2\ndeadtime 10\ninitdead 30\nauto_failback off\nping 192.0.2.254\n",
                                HARESOURCES,
                                "old")
                        .changes())
                .containsExactly(
                        "ha.cf: nodes alice bob -> alice carol",
                        "ha.cf: - path bcast eth0, port 694",
                        "ha.cf: + path bcast eth1, port 694",
                        "ha.cf: keepalive 1000 ms -> 2000 ms",
                        "ha.cf: auto_failback on -> off",
                        "ha.cf: + ping node 192.0.2.254");
    }

    @Test
    void aChangedKeyIsNamedWithoutItsSecret() {
        assertThat(diff(HA_CF, HARESOURCES, "verysecret").changes())
                .singleElement()
                .satisfies(change ->
                        assertThat(change).startsWith("authkeys: keys [1]").doesNotContain("verysecret"));
    }
}
