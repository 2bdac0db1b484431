package org.halvs.ha.membership.path;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EndConfirmationTest {
    private static final long MS = 1_000_000;

    private final EndConfirmation confirmation = new EndConfirmation();

    @Test
    void nothingIsAskedUntilALifeLineEnds() {
        assertThat(confirmation.probeIsDue(5)).isFalse();
        assertThat(confirmation.refused(5)).isFalse();
        assertThat(confirmation.nextDueNanos()).isEqualTo(PathMonitor.NEVER);
    }

    @Test
    void twoRefusalsSomeTimeApartSettleIt() {
        confirmation.begin(0);
        assertThat(confirmation.probeIsDue(0)).isTrue();
        assertThat(confirmation.probeIsDue(MS)).isFalse();
        assertThat(confirmation.refused(MS)).isFalse();
        assertThat(confirmation.refused(MS))
                .as("of another path, to the same question")
                .isFalse();
        assertThat(confirmation.nextDueNanos()).isEqualTo(EndConfirmation.SPACING_NANOS);
        assertThat(confirmation.probeIsDue(EndConfirmation.SPACING_NANOS)).isTrue();
        assertThat(confirmation.refused(4 * MS)).isTrue();
    }

    /** A firewall that refuses in the name of a live peer. */
    @Test
    void aHeartbeatInBetweenSavesThePeer() {
        confirmation.begin(0);
        for (long now = 0; now < EndConfirmation.LIMIT_NANOS; now += EndConfirmation.SPACING_NANOS) {
            boolean asked = confirmation.probeIsDue(now);
            assertThat(confirmation.refused(now)).isFalse();
            if (asked) {
                confirmation.heard();
            }
        }
        assertThat(confirmation.probeIsDue(EndConfirmation.LIMIT_NANOS)).isFalse();
        assertThat(confirmation.isActive()).isFalse();
    }

    @Test
    void withoutRefusalsItIsLeftToTheSilence() {
        confirmation.begin(0);
        assertThat(confirmation.probeIsDue(EndConfirmation.LIMIT_NANOS)).isFalse();
        assertThat(confirmation.isActive()).isFalse();
        assertThat(confirmation.refused(EndConfirmation.LIMIT_NANOS + MS)).isFalse();
    }
}
