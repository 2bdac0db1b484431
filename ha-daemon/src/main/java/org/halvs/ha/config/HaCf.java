package org.halvs.ha.config;

import org.halvs.dialect.Parsed;

/** Reads ha.cf. */
public final class HaCf {
    private HaCf() {}

    /**
     * Reads the text of an ha.cf.
     *
     * @param file the file as the administrator knows it, for messages
     */
    public static Parsed<ClusterConfig> parse(String file, String text, HostFacts host) {
        throw new UnsupportedOperationException(file + text + host);
    }
}
