package org.halvs.ha.config;

import java.time.Duration;
import java.util.Optional;
import org.halvs.resource.address.AnnounceRounds;
import org.halvs.resource.address.FormerOwners;
import org.halvs.resource.script.ScriptLimits;

/**
 * How resources are looked after: the section {@code resources} of halvs.yml.
 *
 * @param limits how long a script may take
 * @param monitor how often the resources of a held group are asked whether they run; empty for never
 * @param announcements how often addresses are announced
 * @param formerMac how long frames to the MAC of a dead former owner are served as well; empty for not at all
 * @param mailServer takes the mails of MailTo by SMTP; empty for the local mailer
 */
public record ResourceSettings(
        ScriptLimits limits,
        Optional<Duration> monitor,
        AnnounceRounds announcements,
        Optional<Duration> formerMac,
        Optional<String> mailServer) {

    /** What holds without the section. */
    public static final ResourceSettings DEFAULT = new ResourceSettings(
            ScriptLimits.DEFAULT,
            Optional.of(Duration.ofSeconds(10)),
            AnnounceRounds.DEFAULT,
            Optional.of(FormerOwners.LONGEST),
            Optional.empty());
}
