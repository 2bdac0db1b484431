package org.halvs.ha.config;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.Locale;
import java.util.Optional;

/** The machine this program runs on. Thread-safe. */
public final class LinuxHostFacts implements HostFacts {
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

    private final UserPrincipalLookupService accounts = FileSystems.getDefault().getUserPrincipalLookupService();
    private final Optional<String> nodeName;

    /** Knows itself by what {@code uname -n} says. */
    public LinuxHostFacts() {
        this(unameName());
    }

    /** @param nodeName the name to go by instead of the machine's; empty to leave it open */
    public LinuxHostFacts(Optional<String> nodeName) {
        this.nodeName = nodeName.map(n -> n.toLowerCase(Locale.ROOT));
    }

    private static Optional<String> unameName() {
        try {
            return Optional.of(Files.readString(HOST_NAME).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public Optional<String> nodeName() {
        return nodeName;
    }

    @Override
    public boolean hasInterface(String name) {
        try {
            return NetworkInterface.getByName(name) != null;
        } catch (SocketException e) {
            return false;
        }
    }

    @Override
    public boolean hasUser(String name) {
        try {
            accounts.lookupPrincipalByName(name);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public boolean hasGroup(String name) {
        try {
            accounts.lookupPrincipalByGroupName(name);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public boolean isExecutable(String path) {
        return Files.isRegularFile(Path.of(path)) && Files.isExecutable(Path.of(path));
    }

    @Override
    public boolean resolves(String name) {
        try {
            return InetAddress.getByName(name).getAddress().length > 0;
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
