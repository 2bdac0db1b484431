package org.halvs.check;

/** What makes two probes one: the same check of the same target. Every virtual service that wants it shares it. Immutable. */
public record ProbeKey(CheckTarget target, CheckSpec spec) {

    /** The target and what is checked there; holds no secret. */
    @Override
    public String toString() {
        return target + " " + spec;
    }
}
