package org.halvs.ha.config;

import java.util.Optional;

/**
 * Where ha.cf wants the log.
 *
 * @param facility the syslog facility; empty for {@code none} and when not stated
 * @param useLogd what the file says; without any of the three others heartbeat turns to its log daemon, HALVS to the journal
 * @param debug 0 to 255, 0 is quiet
 */
public record LogSettings(
        Optional<String> logfile, Optional<String> debugfile, Optional<String> facility, boolean useLogd, int debug) {}
