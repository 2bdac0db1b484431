package org.halvs.ha.config;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** This machine, as the readers of its files need to know it. Thread-safe. */
public final class LocalHost implements HostFacts {
    private static final Path NODE_NAME = Path.of("/proc/sys/kernel/hostname");

    private LocalHost() {}

    public static HostFacts facts() {
        return new LocalHost();
    }

    /** What {@code uname -n} says, in lower case. */
    public static String name() {
        try {
            return Files.readString(NODE_NAME, StandardCharsets.UTF_8).strip().toLowerCase(Locale.ROOT);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("the node's name is not to be had", e);
        }
    }

    @Override
    public Optional<String> nodeName() {
        return Optional.of(name());
    }

    @Override
    public boolean hasInterface(String name) {
        try {
            return NetworkInterface.getByName(name) != null;
        } catch (SocketException _) {
            return false;
        }
    }

    @Override
    public boolean hasUser(String name) {
        try {
            FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(name);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    @Override
    public boolean hasGroup(String name) {
        try {
            FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByGroupName(name);
            return true;
        } catch (IOException _) {
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
            return InetAddress.getByName(name) != null;
        } catch (UnknownHostException _) {
            return false;
        }
    }
}
