package org.halvs.ha.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.halvs.ha.config.Authkeys;
import org.halvs.ha.config.ClusterFiles;
import org.halvs.ha.config.HaCf;
import org.halvs.ha.config.HalvsYml;
import org.halvs.ha.config.HostFacts;
import org.junit.jupiter.api.Test;

class EffectiveFilesTest {
    private static final String REST = "keepalive 1\ndeadtime 10\ninitdead 30\nauto_failback on\n";

    private static ClusterFiles files(String lines) {
        return new ClusterFiles(
                HaCf.parse("ha.cf", lines + REST, HostFacts.unknown()).value().orElseThrow(),
                new Authkeys(1, Map.of(1, new Authkeys.Key(1, Authkeys.Method.SHA1, "secret"))),
                List.of());
    }

    private static EffectiveFiles effective(String before, String after, String... active) {
        return EffectiveFiles.of(files(before), files(after), HalvsYml.DEFAULT, HalvsYml.DEFAULT, List.of(active));
    }

    @Test
    void aNodeThatLivesStays() {
        String before = "node alice bob carol\nbcast eth0\n";
        EffectiveFiles living = effective(before, "node alice bob\nbcast eth0\n", "alice", "bob", "carol");
        assertThat(living.cluster().config().nodes()).containsExactly("alice", "bob", "carol");
        assertThat(living.later())
                .containsExactly(
                        "ha.cf: carol is no node any more, but it is active: stop it there, then reload again");
        EffectiveFiles dead = effective(before, "node alice bob\nbcast eth0\n", "alice", "bob");
        assertThat(dead.cluster().config().nodes()).containsExactly("alice", "bob");
        assertThat(dead.later()).isEmpty();
    }

    @Test
    void onePathHasToStay() {
        String before = "node alice bob\nbcast eth0\n";
        EffectiveFiles none = effective(before, "node alice bob\nbcast eth1\n", "alice", "bob");
        assertThat(none.cluster().config().media())
                .isEqualTo(files(before).config().media());
        assertThat(none.later()).singleElement().asString().contains("keep an old line");
        EffectiveFiles both = effective(before, "node alice bob\nbcast eth1\nbcast eth0\n", "alice", "bob");
        assertThat(both.cluster().config().media()).hasSize(2);
        assertThat(both.later()).isEmpty();
    }

    @Test
    void whatIsReadAtTheStartOnlyIsNamedAgainAndAgain() {
        String before = "node alice bob\nbcast eth0\n";
        EffectiveFiles once = effective(before, before + "rtprio 5\n");
        assertThat(once.later()).singleElement().asString().startsWith("ha.cf: rtprio: restart");
        assertThat(EffectiveFiles.of(once.cluster(), files(before + "rtprio 5\n"), once.own(), once.own(), List.of())
                        .later())
                .isEqualTo(once.later());
    }
}
