package org.halvs.resource.address;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.halvs.linux.FrameAdoption.Adopted;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;
import org.halvs.resource.address.Adoptions.FormerMac;
import org.junit.jupiter.api.Test;

class AdoptionsTest {
    private static final long MILLISECOND = 1_000_000;
    private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:0a").orElseThrow();
    private static final FormerMac ALICE = new FormerMac("alice", 3, MAC);
    private static final FormerMac CAROL = new FormerMac("carol", 3, new MacAddress(7));
    private static final IpAddress FIRST = IpAddress.of("192.0.2.10");
    private static final IpAddress SECOND = IpAddress.of("192.0.2.11");
    private static final long START = 17_000_000_000L;

    private final Adoptions adoptions = new Adoptions(Duration.ofSeconds(60));

    private static Adopted adopted(FormerMac former, IpAddress address) {
        return new Adopted(former.linkIndex(), "eth0", former.mac(), address);
    }

    @Test
    void bridgesAreShownTheMacAtOnceAndForFiveSecondsMore() {
        adoptions.begin(ALICE, List.of(adopted(ALICE, FIRST)), START);
        long shown = 0;
        for (long millis = 0; millis < 60_000; millis += 100) {
            List<FormerMac> due = adoptions.toShow(START + millis * MILLISECOND);
            shown += due.size();
            if (millis == 0 || millis == 200 || millis == 5000) {
                assertThat(due).containsExactly(ALICE);
            }
        }
        assertThat(shown).isEqualTo(7);
    }

    @Test
    void aLateThreadShowsItOnceForAllItMissed() {
        adoptions.begin(ALICE, List.of(adopted(ALICE, FIRST)), START);
        assertThat(adoptions.toShow(START + 2500 * MILLISECOND)).containsExactly(ALICE);
        assertThat(adoptions.toShow(START + 2500 * MILLISECOND)).isEmpty();
        assertThat(adoptions.waitNanos(START + 2500 * MILLISECOND)).hasValue(500 * MILLISECOND);
    }

    @Test
    void itEndsAfterItsTimeWithItsAddressesWithItsNodeOrWithItsMac() {
        adoptions.begin(ALICE, List.of(adopted(ALICE, FIRST), adopted(ALICE, SECOND)), START);
        adoptions.begin(CAROL, List.of(adopted(CAROL, IpAddress.of("192.0.2.12"))), START + MILLISECOND);
        assertThat(adoptions.end(List.of(FIRST))).isEmpty();
        assertThat(adoptions.adopted()).hasSize(2);
        assertThat(adoptions.end(List.of(SECOND))).containsExactly(ALICE);
        assertThat(adoptions.expire(START + 60_000 * MILLISECOND)).isEmpty();
        assertThat(adoptions.expire(START + 60_001 * MILLISECOND)).containsExactly(CAROL);
        assertThat(adoptions.isEmpty()).isTrue();
        assertThat(adoptions.waitNanos(START)).isEmpty();

        adoptions.begin(ALICE, List.of(adopted(ALICE, FIRST)), START);
        assertThat(adoptions.endOf("carol")).isEmpty();
        assertThat(adoptions.endOf("alice")).containsExactly(ALICE);
        adoptions.begin(ALICE, List.of(adopted(ALICE, FIRST)), START);
        assertThat(adoptions.endOf(4, MAC)).isEmpty();
        assertThat(adoptions.endOf(3, MAC)).containsExactly(ALICE);
        assertThat(adoptions.adopted()).isEmpty();
    }
}
