package org.halvs.ipvs.admin;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Which synchronisation daemons run, with the kernel's rules: one of each role, on an interface that exists. Confined to one thread. */
public final class SyncDaemons {
    private final Predicate<String> interfaceExists;
    private final List<SyncDaemon> running = new ArrayList<>();

    public SyncDaemons(Predicate<String> interfaceExists) {
        this.interfaceExists = interfaceExists;
    }

    /** The master before the backup. */
    public List<SyncDaemon> running() {
        return List.copyOf(running);
    }

    /** Why {@code daemon} can't start, or empty when it runs now. */
    public Optional<KernelError> start(SyncDaemon daemon) {
        if (!interfaceExists.test(daemon.interfaceName())) {
            return Optional.of(KernelError.ENODEV);
        }
        if (running.stream().anyMatch(other -> other.role() == daemon.role())) {
            return Optional.of(KernelError.EEXIST);
        }
        running.add(daemon);
        running.sort(Comparator.comparing(SyncDaemon::role));
        return Optional.empty();
    }

    /** Why the daemon can't be stopped, or empty when it runs no more. */
    public Optional<KernelError> stop(SyncDaemon.Role role) {
        return running.removeIf(daemon -> daemon.role() == role) ? Optional.empty() : Optional.of(KernelError.ESRCH);
    }
}
