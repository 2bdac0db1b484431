package org.halvs.ha.config;

import java.util.Optional;

/** A machine nothing is known of, so that a file written for it can be read elsewhere. Immutable. */
record UnknownHostFacts() implements HostFacts {
    @Override
    public Optional<String> nodeName() {
        return Optional.empty();
    }

    @Override
    public boolean hasInterface(String name) {
        return true;
    }

    @Override
    public boolean hasUser(String name) {
        return true;
    }

    @Override
    public boolean hasGroup(String name) {
        return true;
    }

    @Override
    public boolean isExecutable(String path) {
        return true;
    }

    @Override
    public boolean resolves(String name) {
        return true;
    }
}
