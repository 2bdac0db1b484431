package org.halvs.resource.script;

import java.time.Duration;

/** How long a script may take; heartbeat waited for ever. */
public record ScriptLimits(Duration start, Duration stop, Duration status) {

    /** 60 s to start or stop, 20 s to answer. */
    public static final ScriptLimits DEFAULT =
            new ScriptLimits(Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofSeconds(20));

    public ScriptLimits {
        if (start.isNegative()
                || start.isZero()
                || stop.isNegative()
                || stop.isZero()
                || status.isNegative()
                || status.isZero()) {
            throw new IllegalArgumentException("a script needs more time than " + start + ", " + stop + ", " + status);
        }
    }

    Duration of(ScriptCall.Verb verb) {
        return switch (verb) {
            case START -> start;
            case STOP -> stop;
            case STATUS -> status;
        };
    }
}
