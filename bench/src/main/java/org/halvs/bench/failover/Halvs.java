package org.halvs.bench.failover;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.halvs.lab.Director;
import org.halvs.lab.Host;

/** HALVS with the times its own ha.cf has, or with others. */
final class Halvs implements Contender {
    private static final List<String> TIMES = List.of("keepalive", "warntime", "deadtime", "initdead", "deadping");

    private final String name;
    private final Path distribution;
    private final String times;

    private Halvs(String name, Path distribution, String times) {
        this.name = name;
        this.distribution = distribution;
        this.times = times;
    }

    /** With the times of the ha.cf the package installs. */
    static Halvs withOwnDefaults(Path distribution) {
        try (var lines = Files.lines(distribution.resolve("etc/ha.d/ha.cf"))) {
            String times = lines.filter(line -> TIMES.contains(line.split("\\s+")[0]))
                    .collect(Collectors.joining("\n", "", "\n"));
            return new Halvs("HALVS", distribution, times);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String missing() {
        return Files.isExecutable(distribution.resolve("bin/halvs")) ? "" : "make dist makes it";
    }

    @Override
    public boolean can(Event event) {
        return true;
    }

    @Override
    public Running on(Street street, Wish wish) {
        Map<Host, Director> directors = new LinkedHashMap<>();
        for (Host node : street.nodes()) {
            Director director = new Director(node, distribution);
            director.configure("ha.cf", times + HaFiles.haCf(wish));
            director.configure("haresources", HaFiles.haresources(wish));
            director.configure("authkeys", HaFiles.AUTHKEYS);
            if (wish.startFailsOnAlice()) {
                script(director.etc().resolve("resource.d/failing"));
            }
            directors.put(node, director);
        }
        return new OnStreet(street, directors);
    }

    private static void script(Path file) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, HaFiles.FAILING_ON_ALICE);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record OnStreet(Street street, Map<Host, Director> directors) implements Running {

        private Director of(Host node) {
            Director director = directors.get(node);
            if (director == null) {
                throw new IllegalArgumentException(node.name());
            }
            return director;
        }

        @Override
        public void start(Host node) {
            of(node).start();
        }

        @Override
        public void kill(Host node) {
            of(node).daemon().signal("KILL");
        }

        @Override
        public void freeze(Host node, boolean frozen) {
            of(node).daemon().signal(frozen ? "STOP" : "CONT");
        }

        @Override
        public void stop(Host node) {
            of(node).daemon().signal("TERM");
        }

        @Override
        public void standby(Host node) {
            Thread.ofPlatform().daemon().start(() -> of(node).halvs("standby"));
        }

        @Override
        public void takeover(Host node) {
            Thread.ofPlatform().daemon().start(() -> of(node).halvs("takeover"));
        }

        @Override
        public boolean settled() {
            return street.holders().equals("alice") || street.holders().equals("bob");
        }

        @Override
        public long stateChanges() {
            return directors.values().stream()
                    .flatMap(d -> d.log().lines())
                    .filter(line ->
                            line.contains("members now:") || line.contains("acquiring ") || line.contains("releasing "))
                    .count();
        }

        @Override
        public List<Long> processes(Host node) {
            return List.of(of(node).daemon().pid());
        }
    }
}
