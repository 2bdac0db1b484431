package org.halvs.ha.membership.jgroups;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.halvs.lab.Host;
import org.halvs.lab.Running;

/** A {@link MemberProgram} that runs on a host of a lab, and how far its output was read. */
final class Member {
    static final String KEYS = "auth 1\n1 sha1 of-this-test\n";

    private static final long PATIENCE_MILLIS = 60_000;

    final Running running;
    private final Path haCf;
    private int consumed;

    private Member(Running running, Path haCf) {
        this.running = running;
        this.haCf = haCf;
    }

    /** @param lines of ha.cf, beside the nodes alice and bob */
    static Member start(Host host, String node, String lines, String keys) throws IOException {
        return start(host, node, "alice bob", lines, keys);
    }

    /** The same with other nodes. */
    static Member start(Host host, String node, String nodes, String lines, String keys) throws IOException {
        Path haCf = Files.writeString(host.folder().resolve("ha.cf"), haCf(nodes, lines));
        Path authkeys = Files.writeString(host.folder().resolve("authkeys"), keys);
        Running started = host.start(
                "member.log" + System.nanoTime(),
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx48m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        MemberProgram.class.getName(),
                        node,
                        haCf.toString(),
                        authkeys.toString()));
        return new Member(started, haCf);
    }

    private static String haCf(String nodes, String lines) {
        return "initdead 10\nauto_failback on\nnode " + nodes + "\n" + lines;
    }

    /** Has it read another ha.cf, and waits until that is in effect. */
    void change(String nodes, String lines) throws IOException, InterruptedException {
        Files.writeString(haCf, haCf(nodes, lines));
        running.signal("HUP");
        awaitLine("changed true");
    }

    /** Waits for the first new line that fits, and answers when the member wrote it. Lines before it are gone. */
    long await(String what, Predicate<String> fits) throws InterruptedException {
        long deadline = System.currentTimeMillis() + PATIENCE_MILLIS;
        while (System.currentTimeMillis() < deadline) {
            String output = running.output();
            List<String> lines = output.lines().toList();
            int whole = output.endsWith("\n") ? lines.size() : lines.size() - 1;
            while (consumed < whole) {
                String line = lines.get(consumed++);
                int blank = line.indexOf(' ');
                if (blank > 0 && fits.test(line.substring(blank + 1))) {
                    return Long.parseLong(line.substring(0, blank));
                }
            }
            Thread.sleep(2);
        }
        throw new AssertionError("no \"" + what + "\" in\n" + running.output());
    }

    long awaitView(String members) throws InterruptedException {
        return await(
                "view " + members, line -> line.equals("view " + members) || line.equals("view " + members + " merge"));
    }

    long awaitLine(String line) throws InterruptedException {
        return await(line, line::equals);
    }

    /** How many views it has seen. */
    long views() {
        return running.output().lines().filter(line -> line.contains(" view ")).count();
    }
}
