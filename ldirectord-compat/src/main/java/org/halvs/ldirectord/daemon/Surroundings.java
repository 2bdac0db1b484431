package org.halvs.ldirectord.daemon;

import java.util.List;

/**
 * What those who serve a configuration give it.
 *
 * @param mail takes its mails
 * @param ownCommand how the program ldirectord is called, for the configurations named by {@code execute}
 * @param host the name of this machine
 */
public record Surroundings(MailCarrier mail, List<String> ownCommand, String host) {
    public Surroundings {
        ownCommand = List.copyOf(ownCommand);
    }
}
