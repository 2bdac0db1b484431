package org.halvs.resource.script;

/** The three conventions by which a script starts, stops and watches something. */
public enum ScriptKind {
    /** {@code /etc/ha.d/resource.d}: arguments, then the verb. What status means is in the words it prints. */
    HEARTBEAT,

    /** {@code /etc/init.d}: the same call; status also by exit code (LSB Core 5.0, 22.2: 0 runs, 3 does not). */
    LSB,

    /**
     * {@code /usr/lib/ocf/resource.d}: the verb only, parameters in the environment; status is {@code monitor}, all
     * answers are exit codes.
     */
    OCF
}
