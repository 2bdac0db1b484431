package org.halvs.resource;

import java.util.List;

/**
 * A resource as haresources names it: {@code agent::argument::argument}. The bare address {@code 192.0.2.1/24} is read as
 * {@code IPaddr::192.0.2.1/24}.
 *
 * @param text the resource as it was written, which is also what commands and log lines call it
 */
public record ResourceSpec(String agent, List<String> arguments, String text) {
    public ResourceSpec {
        arguments = List.copyOf(arguments);
    }

    @Override
    public String toString() {
        return text;
    }
}
