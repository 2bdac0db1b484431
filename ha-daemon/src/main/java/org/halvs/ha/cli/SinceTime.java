package org.halvs.ha.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZonedDateTime;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Points in time as people type them. Pure. */
final class SinceTime {
    private static final Pattern AGO = Pattern.compile("([0-9]{1,6})([smhd])");

    private SinceTime() {}

    /**
     * {@code 90s}, {@code 10m}, {@code 2h} or {@code 1d} before now; {@code 14:30} of today; {@code 2026-11-21} or {@code 2026-11-21 14:30[:00]};
     * {@code 2026-11-21T13:30:00Z}. Empty for anything else.
     */
    static Optional<Instant> parse(String text, ZonedDateTime now) {
        Matcher ago = AGO.matcher(text);
        if (ago.matches()) {
            long count = Long.parseLong(ago.group(1));
            Duration time = switch (ago.group(2)) {
                case "s" -> Duration.ofSeconds(count);
                case "m" -> Duration.ofMinutes(count);
                case "h" -> Duration.ofHours(count);
                default -> Duration.ofDays(count);
            };
            return Optional.of(now.toInstant().minus(time));
        }
        try {
            if (text.endsWith("Z")) {
                return Optional.of(Instant.parse(text));
            }
            LocalDateTime local = text.contains("-")
                    ? (text.length() == 10
                            ? LocalDate.parse(text).atStartOfDay()
                            : LocalDateTime.parse(text.replace(' ', 'T')))
                    : now.toLocalDate().atTime(LocalTime.parse(text));
            return Optional.of(local.atZone(now.getZone()).toInstant());
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }
}
