package org.halvs.ha.config;

import java.util.List;

/** A line of ha.cf as it was written: what {@code cl_status hbparameter} answers from, and what other parts of the daemon may read later. */
public record Directive(String name, List<String> arguments, int line) {
    public Directive {
        arguments = List.copyOf(arguments);
    }
}
