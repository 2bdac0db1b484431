package org.halvs.ldirectord.daemon;

import java.util.List;
import java.util.function.Function;
import org.halvs.check.CheckSpec;
import org.halvs.check.HealthChecker;
import org.halvs.director.kernel.IpvsadmProgram;

/**
 * What a daemon is made of.
 *
 * @param config the file it serves
 * @param checkers makes the checker of each specification
 * @param ipvsadm keeps the table
 * @param mail takes its mails
 * @param ownCommand how this program is called, for the configurations named by {@code execute}
 * @param host the name of this machine
 */
public record DaemonSettings(
        ConfigSource config,
        Function<CheckSpec, HealthChecker> checkers,
        IpvsadmProgram ipvsadm,
        MailCarrier mail,
        List<String> ownCommand,
        String host) {
    public DaemonSettings {
        ownCommand = List.copyOf(ownCommand);
    }
}
