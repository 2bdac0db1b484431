package org.halvs.ldirectord.daemon;

import java.util.List;
import java.util.function.Function;
import org.halvs.check.CheckSpec;
import org.halvs.check.HealthChecker;

/**
 * What a daemon is made of.
 *
 * @param config the file it serves
 * @param checkers makes the checker of each specification
 * @param plane makes what follows the table
 * @param mail takes its mails
 * @param ownCommand how this program is called, for the configurations named by {@code execute}
 * @param host the name of this machine
 */
public record DaemonSettings(
        ConfigSource config,
        Function<CheckSpec, HealthChecker> checkers,
        DaemonPlane.Opener plane,
        MailCarrier mail,
        List<String> ownCommand,
        String host) {
    public DaemonSettings {
        ownCommand = List.copyOf(ownCommand);
    }
}
