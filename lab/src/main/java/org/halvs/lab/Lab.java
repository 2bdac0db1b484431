package org.halvs.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Hosts in network namespaces of their own, joined by switches. Closing the lab ends every process in them and removes everything it made.
 *
 * <p>Names carry the process id, so that labs run side by side, and so that {@link #sweep} can tell what a killed run left behind.
 */
public final class Lab implements AutoCloseable {
    private static final String PREFIX = "halvs-";
    private static final Path NAMESPACES = Path.of("/run/netns");
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String name;
    private final Path folder;
    private final List<Host> hosts = new ArrayList<>();
    private final Deque<AutoCloseable> inside = new ArrayDeque<>();
    private final Thread atInterrupt = new Thread(this::close);
    private volatile boolean closed;

    private Lab(String name, Path folder) {
        this.name = name;
        this.folder = folder;
    }

    /** What this machine lacks for a lab, in words; empty when nothing does. */
    public static Optional<String> missing() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return Optional.of("network namespaces need root; run as root");
        }
        try {
            Command command = Command.run(List.of("ip", "netns", "list"));
            return command.exit() == 0
                    ? Optional.empty()
                    : Optional.of("network namespaces do not work here: "
                            + command.output().strip());
        } catch (UncheckedIOException _) {
            return Optional.of("the program ip is missing; install the package iproute2 (iproute on CentOS)");
        }
    }

    /** A new, empty lab. It is closed when this program is interrupted. */
    public static Lab open() {
        sweep();
        String name = PREFIX + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
        try {
            Lab lab = new Lab(name, Files.createTempDirectory(name + "-"));
            Runtime.getRuntime().addShutdownHook(lab.atInterrupt);
            return lab;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes what labs of processes that are no longer there have left. */
    public static void sweep() {
        abandonedIn(NAMESPACES).forEach(namespace -> removeNamespace(String.valueOf(namespace.getFileName())));
        abandonedIn(Path.of(System.getProperty("java.io.tmpdir"))).forEach(Lab::removeTree);
    }

    private static List<Path> abandonedIn(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(path -> isAbandoned(String.valueOf(path.getFileName())))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isAbandoned(String namespace) {
        if (!namespace.startsWith(PREFIX)) {
            return false;
        }
        String[] parts = namespace.substring(PREFIX.length()).split("-", 3);
        return parts.length == 3
                && parts[0].chars().allMatch(Character::isDigit)
                && ProcessHandle.of(Long.parseLong(parts[0])).isEmpty();
    }

    /** Where the processes of this lab keep their files; gone when the lab is closed, and then a {@link LabException}. */
    public Path folder() {
        if (closed) {
            throw new LabException("the lab is closed");
        }
        return folder;
    }

    /** A new host, with nothing but loopback. */
    public Host host(String hostName) {
        String namespace = name + "-" + hostName;
        Command.output("ip", "netns", "add", namespace);
        Host host = new Host(this, hostName, namespace);
        hosts.add(host);
        host.ip("link", "set", "lo", "up");
        return host;
    }

    /** A new Ethernet switch: a bridge in a namespace of its own. */
    public Switch ethernetSwitch(String switchName) {
        Host host = host(switchName);
        host.ip("link", "add", Switch.BRIDGE, "type", "bridge");
        host.ip("link", "set", Switch.BRIDGE, "up");
        // br_netfilter: a switch has no firewall, and does not care for the host's
        if (Files.exists(Path.of("/proc/sys/net/bridge"))) {
            List.of("arptables", "iptables", "ip6tables")
                    .forEach(tables -> host.sysctl("net.bridge.bridge-nf-call-" + tables, "0"));
        }
        return new Switch(host);
    }

    /** Closes {@code thing} with the lab, before its namespaces go; things are closed in reverse order. */
    public <T extends AutoCloseable> T with(T thing) {
        inside.push(thing);
        return thing;
    }

    /** Waits until something holds; answers {@code false} when it still does not after {@code limitMillis}. */
    public static boolean eventually(long limitMillis, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limitMillis * 1_000_000;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            pause(10);
        }
        return true;
    }

    /** Lets time pass. */
    public static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted");
        }
    }

    /** Ends every process of the lab and removes its namespaces and files. Safe to call again. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        while (!inside.isEmpty()) {
            try {
                inside.pop().close();
            } catch (Exception e) {
                System.err.println("lab " + name + ": " + e);
            }
        }
        for (Host host : hosts) {
            removeNamespace(host.namespace());
        }
        removeFolder();
        try {
            boolean _ = Runtime.getRuntime().removeShutdownHook(atInterrupt);
        } catch (IllegalStateException _) {
            // it is what runs this
        }
    }

    private static void removeNamespace(String namespace) {
        for (String pid :
                Command.run(List.of("ip", "netns", "pids", namespace)).output().split("\\s+")) {
            if (!pid.isEmpty()
                    && pid.chars().allMatch(Character::isDigit)
                    && Long.parseLong(pid) != ProcessHandle.current().pid()) {
                ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
        Command.run(List.of("ip", "netns", "delete", namespace));
    }

    /** Processes that were just killed may still have written while the tree was walked; so a second look. */
    private void removeFolder() {
        removeTree(folder);
        if (Files.exists(folder)) {
            pause(200);
            removeTree(folder);
        }
    }

    private static void removeTree(Path folder) {
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException | DirectoryNotEmptyException _) {
            // somebody else was quicker, to remove or to write; the caller looks again
        } catch (IOException | UncheckedIOException e) {
            System.err.println(folder + " could not be removed whole: " + e);
        }
    }
}
