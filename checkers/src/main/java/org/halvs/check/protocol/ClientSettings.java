package org.halvs.check.protocol;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How checks behave as clients, for all of a daemon.
 *
 * @param userAgent what HTTP checks call themselves, for the logs of the servers
 * @param activeFtp whether an FTP server connects back for the data, as ldirectord had it, and not the check
 * @param authorities a file of certificates (PEM) that checks trust which verify; empty for those of the system, or the Java runtime's where the
 *     system has none
 */
public record ClientSettings(String userAgent, boolean activeFtp, Optional<Path> authorities) {
    public static final ClientSettings DEFAULT = new ClientSettings("halvs", false, Optional.empty());

    public ClientSettings {
        if (userAgent.chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw new IllegalArgumentException("a user agent of other characters than ASCII can print");
        }
    }
}
