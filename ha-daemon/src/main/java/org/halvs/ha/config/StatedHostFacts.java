package org.halvs.ha.config;

import java.util.List;
import java.util.Optional;

/** A machine that has exactly what was stated. Users double as groups, no name resolves. Immutable. */
record StatedHostFacts(Optional<String> nodeName, List<String> interfaces, List<String> users, List<String> executables)
        implements HostFacts {
    StatedHostFacts {
        interfaces = List.copyOf(interfaces);
        users = List.copyOf(users);
        executables = List.copyOf(executables);
    }

    @Override
    public boolean hasInterface(String name) {
        return interfaces.contains(name);
    }

    @Override
    public boolean hasUser(String name) {
        return users.contains(name);
    }

    @Override
    public boolean hasGroup(String name) {
        return users.contains(name);
    }

    @Override
    public boolean isExecutable(String path) {
        return executables.contains(path);
    }

    @Override
    public boolean resolves(String name) {
        return false;
    }
}
