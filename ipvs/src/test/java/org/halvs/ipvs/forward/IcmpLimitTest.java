package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How many ICMP errors one receiver and all together get. */
class IcmpLimitTest {
    private static final long SECOND = 1_000_000_000L;

    private static int allowed(IcmpLimit limit, boolean ipv4, long low, int prefixLength, int asked, long nowNanos) {
        int count = 0;
        for (int i = 0; i < asked; i++) {
            count += limit.allows(ipv4, 0, low, prefixLength, nowNanos) ? 1 : 0;
        }
        return count;
    }

    @Test
    void oneReceiverGetsSixAtOnceAndThenOneASecond() {
        IcmpLimit limit = IcmpLimit.ofKernel(7);
        assertThat(allowed(limit, true, 1, 0, 20, 0)).isEqualTo(6);
        assertThat(allowed(limit, true, 1, 0, 20, SECOND - 1)).isZero();
        assertThat(allowed(limit, true, 1, 0, 20, SECOND)).isEqualTo(1);
        assertThat(allowed(limit, true, 1, 0, 20, 3 * SECOND)).isEqualTo(2);
        assertThat(allowed(limit, true, 1, 0, 20, 100 * SECOND)).isEqualTo(6);
    }

    @Test
    void hostsOfAWideIpv6NetworkGetMore() {
        IcmpLimit limit = IcmpLimit.ofKernel(7);
        assertThat(allowed(limit, false, 1, 64, 20, 0)).isEqualTo(6);
        assertThat(allowed(limit, false, 1, 64, 20, SECOND)).isEqualTo(4);
    }

    @Test
    void allTogetherGetFiftyAtOnceAndThenAThousandASecond() {
        IcmpLimit limit = IcmpLimit.ofKernel(7);
        int count = 0;
        for (int receiver = 0; receiver < 500; receiver++) {
            count += limit.allows(true, 0, receiver, 0, 0) ? 1 : 0;
        }
        assertThat(count).isEqualTo(50);
        assertThat(limit.allows(true, 0, 100_000, 0, SECOND / 1000)).isTrue();
        assertThat(limit.allows(true, 0, 100_001, 0, SECOND / 1000)).isFalse();
    }

    @Test
    void withoutALimitEverythingIsAllowed() {
        assertThat(allowed(IcmpLimit.none(), true, 1, 0, 10_000, 0)).isEqualTo(10_000);
    }
}
