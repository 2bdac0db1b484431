package org.halvs.ha.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as ha.cf writes them: {@code 2} and {@code 1.7} are seconds, {@code 1700ms}, {@code 90000us}. Other units are not known to heartbeat. */
final class HaTime {
    private static final Pattern TIME = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(ms|us)?");

    private HaTime() {}

    /** Empty for anything else, negative times among them. */
    static Optional<Duration> parse(String text) {
        Matcher matcher = TIME.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String unit = matcher.group(2);
        int power = unit == null ? 9 : unit.equals("ms") ? 6 : 3;
        return Optional.of(Duration.ofNanos(
                new BigDecimal(matcher.group(1)).scaleByPowerOfTen(power).longValue()));
    }
}
