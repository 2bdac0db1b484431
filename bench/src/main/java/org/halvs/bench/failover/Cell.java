package org.halvs.bench.failover;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.halvs.lab.Command;
import org.halvs.lab.Host;
import org.halvs.lab.Lab;

/**
 * Where a program written in another time runs on a node: with /etc, /run, /var/lib and /var/log of its own, with processes nobody else sees, and
 * without the right to reboot the machine, which heartbeat makes use of.
 */
final class Cell {
    private final Path folder;
    private final long init;

    private Cell(Path folder, long init) {
        this.folder = folder;
        this.init = init;
    }

    /**
     * Makes the cell of a node.
     *
     * @param script bench/failover/cell
     */
    static Cell of(Lab lab, Host node, Path script) {
        Path folder = node.folder().resolve("cell");
        long outer = lab.with(node.start(
                        "cell.log",
                        List.of(
                                "unshare",
                                "-m",
                                "-i",
                                "-p",
                                "-f",
                                "--kill-child",
                                "--mount-proc",
                                "sh",
                                script.toString(),
                                folder.toString())))
                .pid();
        if (!Lab.eventually(10_000, () -> Files.exists(folder.resolve("ready")))) {
            throw new IllegalStateException("no cell on " + node.name());
        }
        Path children = Path.of("/proc/" + outer + "/task/" + outer + "/children");
        return new Cell(folder, Long.parseLong(read(children).strip()));
    }

    /** Its /etc/ha.d, /etc/keepalived or /var/log, by the last name. */
    Path directory(String name) {
        return folder.resolve(name);
    }

    void write(String file, String text, String mode) {
        try {
            Path path = folder.resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, text);
            Files.setPosixFilePermissions(path, java.nio.file.attribute.PosixFilePermissions.fromString(mode));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The words that run a program inside. */
    List<String> inside(String... words) {
        List<String> all = new ArrayList<>(List.of("nsenter", "-t", Long.toString(init), "-m", "-u", "-i", "-p", "-n"));
        all.addAll(List.of("setpriv", "--bounding-set=-sys_boot", "--inh-caps=-sys_boot", "--"));
        all.addAll(List.of(words));
        return all;
    }

    Command run(String... words) {
        return Command.run(inside(words));
    }

    /** The processes inside whose command begins with one of these. */
    List<Long> processes(String... commands) {
        String namespace = pidNamespace(Path.of("/proc/" + init));
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            return all.filter(p ->
                            Character.isDigit(String.valueOf(p.getFileName()).charAt(0)))
                    .filter(p -> pidNamespace(p).equals(namespace))
                    .filter(p -> Stream.of(commands).anyMatch(read(p.resolve("comm"))::startsWith))
                    .map(p -> Long.valueOf(String.valueOf(p.getFileName())))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void signal(String signal, List<Long> processes) {
        if (!processes.isEmpty()) {
            List<String> words = new ArrayList<>(List.of("kill", "-" + signal));
            processes.forEach(pid -> words.add(pid.toString()));
            Command.run(words);
        }
    }

    private static String pidNamespace(Path process) {
        try {
            return Files.readSymbolicLink(process.resolve("ns/pid")).toString();
        } catch (IOException _) {
            return "gone";
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException _) {
            return ""; // the process has ended meanwhile
        }
    }

    /** What its logs say, all of them. */
    String logs() {
        try (Stream<Path> files = Files.list(directory("log"))) {
            StringBuilder text = new StringBuilder();
            files.filter(Files::isRegularFile).forEach(file -> text.append(read(file)));
            return text.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
