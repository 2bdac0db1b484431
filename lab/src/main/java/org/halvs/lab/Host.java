package org.halvs.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.halvs.linux.Link;
import org.halvs.linux.NetworkNamespace;
import org.halvs.linux.Rtnetlink;

/** A machine of a lab: a network namespace, and a host name for the processes started in it. */
public final class Host {
    /** Run inside the namespaces, with the host's name and its hosts file as arguments and then the program. */
    private static final String BECOME_HOST =
            "echo \"$0\" > /proc/sys/kernel/hostname && mount --bind \"$1\" /etc/hosts && shift && exec \"$@\"";

    private final Lab lab;
    private final String name;
    private final String namespace;

    Host(Lab lab, String name, String namespace) {
        this.lab = lab;
        this.name = name;
        this.namespace = namespace;
    }

    /** What {@code uname -n} answers to processes started on this host. */
    public String name() {
        return name;
    }

    /** The name of the namespace, for {@code ip netns exec}. */
    public String namespace() {
        return namespace;
    }

    /** A folder for this host's files, made when first asked for. */
    public Path folder() {
        try {
            return Files.createDirectories(lab.folder().resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs {@code ip} on the host; fails with {@link LabException} when it fails. */
    public String ip(String... arguments) {
        List<String> words = new ArrayList<>(List.of("ip", "-n", namespace));
        words.addAll(Arrays.asList(arguments));
        return Command.output(words.toArray(String[]::new));
    }

    /** Sets a kernel parameter: {@code sysctl("net.ipv4.ip_forward", "1")}. */
    public void sysctl(String key, String value) {
        run("sh", "-c", "echo " + value + " > /proc/sys/" + key.replace('.', '/'));
    }

    /** Runs a program on the host to its end, whatever its exit status. */
    public Command execute(String... words) {
        return Command.run(inside(Arrays.asList(words)));
    }

    /** Runs a program on the host that has to succeed; answers its output. */
    public String run(String... words) {
        return Command.output(inside(Arrays.asList(words)).toArray(String[]::new));
    }

    /** Starts a program on the host that stays; it ends with the lab. Its output goes to {@code log} in the host's folder. */
    public Running start(String log, List<String> words) {
        Path file = folder().resolve(log);
        try {
            Process process = new ProcessBuilder(inside(words))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(file.toFile()))
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
            return lab.with(new Running(process, file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a piece of this program in the host's network, on a thread of its own, and answers its result. */
    public <T> T call(Callable<T> code) throws Exception {
        try (NetworkNamespace there = NetworkNamespace.open(namespace)) {
            return there.call(code);
        }
    }

    /** An interface of the host, as it is now. */
    public Link link(String device) throws Exception {
        return call(() -> {
            try (Rtnetlink rtnetlink = Rtnetlink.open()) {
                return rtnetlink.links().stream()
                        .filter(link -> link.name().equals(device))
                        .findFirst()
                        .orElseThrow();
            }
        });
    }

    /** The words that start a program on the host: its network, its name, its /etc/hosts. The program keeps the process id. */
    private List<String> inside(List<String> words) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace, "unshare", "--uts"));
        all.addAll(List.of("sh", "-c", BECOME_HOST, name, hosts().toString()));
        all.addAll(words);
        return all;
    }

    /** The host knows its own name, as an installed machine does, and no other. */
    private Path hosts() {
        Path file = folder().resolve("hosts");
        if (!Files.exists(file)) {
            try {
                Files.writeString(file, "127.0.0.1 localhost\n127.0.1.1 " + name + "\n");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return file;
    }
}
