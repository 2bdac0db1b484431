package org.halvs.ha.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.Test;

class SinceTimeTest {
    private static final ZonedDateTime NOW = ZonedDateTime.parse("2026-11-21T10:00:00+01:00[Europe/Berlin]");

    private static Instant parsed(String text) {
        return SinceTime.parse(text, NOW).orElseThrow();
    }

    @Test
    void readsWhatPeopleType() {
        assertThat(parsed("10m")).isEqualTo("2026-11-21T08:50:00Z");
        assertThat(parsed("1d")).isEqualTo("2026-11-20T09:00:00Z");
        assertThat(parsed("08:30")).isEqualTo("2026-11-21T07:30:00Z");
        assertThat(parsed("2026-11-20")).isEqualTo("2026-11-19T23:00:00Z");
        assertThat(parsed("2026-11-20 14:30")).isEqualTo("2026-11-20T13:30:00Z");
        assertThat(parsed("2026-11-20T14:30:00Z")).isEqualTo("2026-11-20T14:30:00Z");
        assertThat(SinceTime.parse("yesterday", NOW)).isEmpty();
        assertThat(SinceTime.parse("25:00", NOW)).isEmpty();
    }
}
