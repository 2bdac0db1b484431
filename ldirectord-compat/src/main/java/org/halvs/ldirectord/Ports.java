package org.halvs.ldirectord;

import java.util.OptionalInt;

/** Port numbers as texts. Pure. */
final class Ports {
    private static final int MAX_PORT = 65535;

    private Ports() {}

    static boolean isNumeric(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** The port, 0 to 65535; empty when the text is anything else. */
    static OptionalInt number(String text) {
        long port = isNumeric(text) ? ValueSyntax.number(text) : MAX_PORT + 1L;
        return port <= MAX_PORT ? OptionalInt.of((int) port) : OptionalInt.empty();
    }
}
