package org.halvs.ha.membership.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.halvs.ha.config.Authkeys;
import org.halvs.ha.membership.Departure;
import org.halvs.ha.membership.PathEvent;
import org.halvs.linux.LinuxException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class PathRehearsalTest {
    private static final Authkeys KEYS = new Authkeys(1, Map.of(1, new Authkeys.Key(1, Authkeys.Method.CRC, "")));

    @Test
    void twoNodesHearEachOtherAndOneLeavesInOrder() throws InterruptedException {
        Queue<PathFinding> findings = new ConcurrentLinkedQueue<>();
        try {
            PathRehearsal.perform(KEYS, findings::add);
        } catch (LinuxException e) {
            Assumptions.abort("it needs the right to bind to a device: " + e.getMessage());
        }
        assertThat(findings)
                .contains(new PathFinding.Happened(new PathEvent.LinkChanged("one", "lo", true)))
                .contains(new PathFinding.Happened(new PathEvent.LinkChanged("other", "lo", true)));
        assertThat(findings)
                .filteredOn(PathFinding.Departed.class::isInstance)
                .singleElement()
                .satisfies(finding -> {
                    PathFinding.Departed departed = (PathFinding.Departed) finding;
                    assertThat(departed.node()).isEqualTo("other");
                    assertThat(departed.how()).isEqualTo(Departure.LEFT);
                });
    }
}
