package org.halvs.ha.config;

import java.util.List;
import java.util.Optional;

/** What the readers must know of the machine a file is for. Implementations are thread-safe. */
public interface HostFacts {

    /** What {@code uname -n} says, in lower case; empty when the file is judged on another machine than the one it is for. */
    Optional<String> nodeName();

    boolean hasInterface(String name);

    boolean hasUser(String name);

    boolean hasGroup(String name);

    /** Whether {@code path} is a regular file that may be executed. */
    boolean isExecutable(String path);

    /** Whether {@code name} resolves to an address; literal addresses are never asked. */
    boolean resolves(String name);

    /**
     * A machine that has exactly these things, for tests.
     *
     * @param name what {@code uname -n} says
     */
    static HostFacts of(String name, List<String> interfaces, List<String> users, List<String> executables) {
        return new StatedHostFacts(Optional.of(name), interfaces, users, executables);
    }

    /** A machine nothing is known of: it has whatever a file asks for. */
    static HostFacts unknown() {
        return new UnknownHostFacts();
    }
}
