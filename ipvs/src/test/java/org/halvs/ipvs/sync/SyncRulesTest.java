package org.halvs.ipvs.sync;

import static org.assertj.core.api.Assertions.assertThat;

import org.halvs.ipvs.connection.ConnectionFlag;
import org.halvs.ipvs.connection.TcpState;
import org.halvs.ipvs.packet.IpProtocol;
import org.junit.jupiter.api.Test;

class SyncRulesTest {

    @Test
    void aPacketIsDueWhenItIsTheThresholdsOfItsPeriod() {
        for (int period : new int[] {1, 2, 3, 7, 50, 64, 1000, 65_537, Integer.MAX_VALUE}) {
            for (int threshold : new int[] {0, 1, 3, 49, period - 1}) {
                if (threshold < period) {
                    SyncRules rules = SyncRules.of(threshold, period, 0, 0, false);
                    for (int packets = 1; packets < 3000; packets++) {
                        assertDue(rules, packets, packets % period == threshold);
                    }
                    for (int packets = Integer.MAX_VALUE; packets > Integer.MAX_VALUE - 3000; packets--) {
                        assertDue(rules, packets, packets % period == threshold);
                    }
                }
            }
        }
    }

    private static void assertDue(SyncRules rules, int packets, boolean due) {
        if (rules.mayBeDue(0, packets) != due) {
            throw new AssertionError("packet " + packets + " due: " + !due);
        }
    }

    @Test
    void withoutPeriodOnePacketIsDueAndWithARefreshPeriodAny() {
        SyncRules once = SyncRules.of(3, 0, 0, 0, false);
        SyncRules any = SyncRules.of(3, 0, 10, 0, false);
        for (int packets = 1; packets < 500; packets++) {
            assertDue(once, packets, packets == 3);
            assertDue(any, packets, true);
        }
    }

    @Test
    void nothingIsDueWhenOffAndAFlagAlwaysWhenOn() {
        assertThat(SyncRules.OFF.mayBeDue(-1, Integer.MAX_VALUE)).isFalse();
        assertThat(SyncRules.OFF.mayBeDue(ConnectionFlag.SYNC_DUE, 3)).isFalse();
        assertThat(SyncRules.of(3, 50, 0, 0, false).mayBeDue(ConnectionFlag.SYNC_DUE, 1))
                .isTrue();
    }

    @Test
    void statesThatAreTold() {
        for (TcpState state : TcpState.values()) {
            boolean told = switch (state) {
                case ESTABLISHED, FIN_WAIT, CLOSE, CLOSE_WAIT, TIME_WAIT -> true;
                default -> false;
            };
            assertThat(SyncRules.isTold(IpProtocol.TCP, state.ordinal())).isEqualTo(told);
            assertThat(SyncRules.isToldAtOnce(IpProtocol.TCP, state.ordinal()))
                    .isEqualTo(told && state != TcpState.ESTABLISHED);
        }
        assertThat(SyncRules.isTold(IpProtocol.UDP, 0)).isTrue();
    }

    @Test
    void refreshPeriodKeepsQuietUntilTheEndMoved() {
        SyncRules plain = SyncRules.of(3, 50, 0, 0, false);
        assertThat(plain.again(900, 0, 901, 1, 900_000)).isEqualTo(1);
        SyncRules refresh = SyncRules.of(3, 50, 60, 2, false);
        // told at second 0: ends at 900; 60 s is less than half the timeout
        assertThat(refresh.again(900, 0, 959, 59, 900_000))
                .as("retry after 7 s")
                .isEqualTo(2);
        assertThat(refresh.again(900, 1, 903, 3, 900_000)).as("too early").isZero();
        assertThat(refresh.again(900, 2, 959, 59, 900_000))
                .as("retries are used up")
                .isZero();
        assertThat(refresh.again(900, 2, 960, 60, 900_000)).isEqualTo(1);
        // half of a short timeout, but 10 s at least
        assertThat(refresh.again(30, 2, 39, 9, 30_000)).isZero();
        assertThat(refresh.again(30, 2, 45, 15, 30_000)).isEqualTo(1);
    }
}
