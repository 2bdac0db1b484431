package org.halvs.ha.membership.jgroups;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.halvs.ha.config.Authkeys;
import org.halvs.ha.config.AuthkeysFile;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.ha.config.HaCf;
import org.halvs.ha.config.HostFacts;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.membership.MembershipListener;
import org.halvs.ha.membership.PathEvent;
import org.halvs.ldirectord.daemon.Signals;

/** A member of a cluster and nothing else, as a process of its own: writes each view and message it sees to its output, with the time in milliseconds. */
public final class MemberProgram {
    private MemberProgram() {}

    /** @param words the node's name, its ha.cf, which is read again with a SIGHUP, and its authkeys */
    public static void main(String[] words) throws Exception {
        String node = words[0];
        ClusterConfig config = config(Path.of(words[1]));
        Authkeys keys = AuthkeysFile.parse(
                        "authkeys", Files.readString(Path.of(words[2])), PosixFilePermissions.fromString("rw-------"))
                .value()
                .orElseThrow();
        JGroupsMembership membership = JGroupsMembership.open(config, keys, node);
        Runtime.getRuntime().addShutdownHook(new Thread(membership::close));
        Signals.handle(
                List.of("HUP"),
                _ -> Thread.startVirtualThread(() -> {
                    boolean changed = membership.change(config(Path.of(words[1])));
                    say("changed " + changed);
                }));
        say("start");
        membership.start(new MembershipListener() {
            @Override
            public void onView(ClusterView view) {
                view.departed().forEach((who, how) -> say("departed " + who + " " + how));
                say("view " + String.join(",", view.members().stream().sorted().toList())
                        + (view.merge() ? " merge" : ""));
                byte[] greeting = ("hello from " + node).getBytes(StandardCharsets.UTF_8);
                Thread.startVirtualThread(() -> membership.broadcast(greeting));
            }

            @Override
            public void onPath(PathEvent event) {
                switch (event) {
                    case PathEvent.LinkChanged link ->
                        say("link " + link.node() + ":" + link.link() + (link.up() ? " up" : " dead"));
                    case PathEvent.LateHeartbeat late ->
                        say("late " + late.node() + " " + late.interval().toMillis());
                    case PathEvent.Asleep asleep ->
                        say("asleep " + asleep.asleep().toMillis());
                    case PathEvent.OneWay oneWay ->
                        say((oneWay.notHeard() ? "not heard by " : "heard again by ") + oneWay.node());
                    case PathEvent.Overdue _ -> {} // it may be heard the next moment
                }
            }

            @Override
            public void onMessage(String from, byte[] message) {
                say("heard " + from + ": " + new String(message, StandardCharsets.UTF_8));
            }
        });
        Thread.ofPlatform().daemon().start(() -> reportRefusals(membership));
        new CountDownLatch(1).await();
    }

    private static ClusterConfig config(Path file) {
        try {
            return HaCf.parse("ha.cf", Files.readString(file), HostFacts.unknown())
                    .value()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void reportRefusals(JGroupsMembership membership) {
        try {
            while (true) {
                Thread.sleep(500);
                say("refused " + membership.refusals());
                say("paths "
                        + membership.paths().stream()
                                .map(p -> p.node() + ":" + p.link() + (p.up() ? " up" : " dead"))
                                .collect(Collectors.joining(", ")));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static synchronized void say(String what) {
        System.out.println(System.currentTimeMillis() + " " + what);
        System.out.flush();
    }
}
