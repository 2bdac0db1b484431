package org.halvs.ha.config;

import java.util.List;
import org.halvs.dialect.Parsed;
import org.halvs.resource.ResourceGroup;

/** Reads haresources. */
public final class Haresources {
    private Haresources() {}

    /**
     * Reads the text of an haresources file.
     *
     * @param file the file as the administrator knows it, for messages
     * @param nodes the nodes of ha.cf; empty when they are not known, so that any node will do
     */
    public static Parsed<List<ResourceGroup>> parse(String file, String text, List<String> nodes) {
        throw new UnsupportedOperationException(file + text + nodes);
    }
}
