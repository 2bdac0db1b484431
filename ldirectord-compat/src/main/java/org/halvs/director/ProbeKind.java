package org.halvs.director;

import org.halvs.check.CheckSpec;
import org.halvs.check.ProbeKey;

/** What the director needs to know about a probe: whose it is, whether anything runs, and how to speak of it. */
final class ProbeKind {
    private ProbeKind() {}

    /** The probe of a configured real server. */
    static ProbeKey of(RealPlan real) {
        return new ProbeKey(real.target(), real.check());
    }

    /** Whether anything is to be run: {@code checktype = on} and {@code off} are decided without. */
    static boolean runs(ProbeKey key) {
        return switch (key.spec()) {
            case CheckSpec.On _, CheckSpec.Off _ -> false;
            case CheckSpec.Connect _,
                    CheckSpec.Ping _,
                    CheckSpec.External _,
                    CheckSpec.ExternalPerl _,
                    CheckSpec.SendExpect _,
                    CheckSpec.ProgramOutput _,
                    CheckSpec.Negotiate _,
                    CheckSpec.Combined _ -> true;
        };
    }

    /** What the probe does, as part of a sentence: {@code http check of 127.0.0.2:80}. */
    static String describe(ProbeKey key) {
        String kind = switch (key.spec()) {
            case CheckSpec.On _ -> "checktype=on";
            case CheckSpec.Off _ -> "checktype=off";
            case CheckSpec.Connect _ -> "connect check";
            case CheckSpec.Ping _ -> "ping";
            case CheckSpec.External external -> "external check " + external.command();
            case CheckSpec.ExternalPerl perl -> "external check " + perl.script();
            case CheckSpec.SendExpect _ -> "send and expect check";
            case CheckSpec.ProgramOutput program -> "output check " + String.join(" ", program.command());
            case CheckSpec.Negotiate negotiate -> negotiate.exchange().service().word() + " check";
            case CheckSpec.Combined combined ->
                combined.negotiate().exchange().service().word() + " or connect check";
        };
        return kind + " of " + key.target();
    }
}
