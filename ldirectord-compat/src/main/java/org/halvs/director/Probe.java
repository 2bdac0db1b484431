package org.halvs.director;

import org.halvs.check.CheckSpec;
import org.halvs.check.CheckTarget;

/**
 * What identifies a probe. All real servers that want the same check of the same target share one, whatever virtual services they stand in
 * and whatever weights they have; ldirectord made a second one for each weight.
 */
public record Probe(CheckTarget target, CheckSpec check) {

    /** The probe of a configured real server. */
    public static Probe of(RealPlan real) {
        return new Probe(real.target(), real.check());
    }

    /** Whether anything is to be run: {@code checktype = on} and {@code off} are decided without. */
    public boolean runs() {
        return switch (check) {
            case CheckSpec.On _, CheckSpec.Off _ -> false;
            case CheckSpec.Connect _,
                    CheckSpec.Ping _,
                    CheckSpec.External _,
                    CheckSpec.ExternalPerl _,
                    CheckSpec.Negotiate _,
                    CheckSpec.Combined _ -> true;
        };
    }

    /** What the probe does, as part of a sentence: {@code http check of 127.0.0.2:80}. */
    public String describe() {
        String kind = switch (check) {
            case CheckSpec.On _ -> "checktype=on";
            case CheckSpec.Off _ -> "checktype=off";
            case CheckSpec.Connect _ -> "connect check";
            case CheckSpec.Ping _ -> "ping";
            case CheckSpec.External external -> "external check " + external.command();
            case CheckSpec.ExternalPerl perl -> "external check " + perl.script();
            case CheckSpec.Negotiate negotiate -> negotiate.exchange().service().word() + " check";
            case CheckSpec.Combined combined ->
                combined.negotiate().exchange().service().word() + " or connect check";
        };
        return kind + " of " + target;
    }
}
