package org.halvs.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A host that runs HALVS as its users do: the installed program and an {@code /etc/ha.d} of its own. Nothing supervises the daemon: no systemd
 * starts it again or cleans up behind it.
 */
public final class Director {
    private final Host host;
    private final Path program;
    private final Path etc;
    private final Path run;
    private @Nullable Running daemon;

    /**
     * @param distribution what {@code make dist} makes, {@code target/dist/halvs}
     */
    public Director(Host host, Path distribution) {
        this.host = host;
        this.program = distribution.resolve("bin/halvs");
        try {
            this.etc = Files.createDirectories(host.folder().resolve("ha.d"));
            this.run = Files.createDirectories(host.folder().resolve("run"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!Files.isExecutable(program)) {
            throw new LabException(program + " is missing; run make dist");
        }
    }

    public Host host() {
        return host;
    }

    /** The directory given as {@code HALVS_ETC}. */
    public Path etc() {
        return etc;
    }

    /** The directory given as {@code HALVS_RUN}. */
    public Path run() {
        return run;
    }

    /** Writes a file of {@code /etc/ha.d}; authkeys gets mode 600. */
    public void configure(String file, String text) {
        try {
            Path path = etc.resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, text);
            if (file.equals("authkeys")) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts the daemon; answers at once. */
    public void start() {
        start("");
    }

    /** Starts the daemon as its service does, with options for its Java machine. */
    public void start(String javaOptions) {
        daemon = host.start(
                "halvs.log",
                List.of(
                        "env",
                        "HALVS_JAVA_OPTIONS=" + javaOptions,
                        "HALVS_ETC=" + etc,
                        "HALVS_RUN=" + run,
                        program.toString(),
                        "daemon"));
    }

    /** The daemon as a process; fails when it was never started. */
    public Running daemon() {
        if (daemon == null) {
            throw new LabException(host.name() + " was never started");
        }
        return daemon;
    }

    /** Kills the daemon with SIGKILL. */
    public void kill() {
        daemon().kill();
    }

    /** Stops the daemon in order and waits for it. */
    public int stop() {
        return daemon().terminate();
    }

    /** Runs {@code halvs WORDS… --etc … --run …} on this director. */
    public Command halvs(String... words) {
        List<String> all = new ArrayList<>(List.of(program.toString()));
        all.addAll(Arrays.asList(words));
        all.addAll(List.of("--etc", etc.toString(), "--run", run.toString()));
        return host.execute(all.toArray(String[]::new));
    }

    /** Runs one of the old commands ({@code ipvsadm}, {@code cl_status}, …) on this director, against this director's daemon. */
    public Command tool(String name, String... words) {
        List<String> all = new ArrayList<>(List.of(
                "env",
                "HALVS_ETC=" + etc,
                "HALVS_RUN=" + run,
                program.resolveSibling(name).toString()));
        all.addAll(Arrays.asList(words));
        return host.execute(all.toArray(String[]::new));
    }

    /** Whether an interface of the director has {@code address} now, whatever the daemon says. */
    public boolean holds(String address) {
        return host.ip("-o", "address", "show").contains(" " + address + "/");
    }

    /** What the daemon has logged to its standard output and error so far. */
    public String log() {
        return daemon().output();
    }
}
