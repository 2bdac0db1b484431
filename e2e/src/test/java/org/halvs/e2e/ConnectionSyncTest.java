package org.halvs.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.halvs.lab.Director;
import org.halvs.lab.DirectorPair;
import org.halvs.lab.demo.RecipeFiles;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Connections that go on whatever becomes of the directors. */
class ConnectionSyncTest extends LabTest {
    private static final int MASQUERADED = 8081;
    private static final int DIRECT = 8082;
    private static final int TUNNELLED = 8083;
    private static final int STICKY = 8090;
    private static final List<Integer> PORTS = List.of(MASQUERADED, DIRECT, TUNNELLED, STICKY);
    private static final int CLIENTS = 12;

    private static final int MEGABYTES = 300;
    /** More than any buffer on the way holds: so much was sent after what happened before. */
    private static final long FAR = 12_000_000;

    private static final String LDIRECTORD_CF = """
            virtual=10.77.0.50:8081
                real=10.77.0.21:8081 masq
                scheduler=rr
                checktype=on
            virtual=10.77.0.50:8082
                real=10.77.0.22:8082 gate
                scheduler=rr
                checktype=on
            virtual=10.77.0.50:8083
                real=10.77.0.23:8083 ipip
                scheduler=rr
                checktype=on
            virtual=10.77.0.50:8090
                real=10.77.0.21:8090 masq
                real=10.77.0.22:8090 gate
                real=10.77.0.23:8090 ipip
                scheduler=rr
                persistent=600
                checktype=on
            """;

    /** A download that goes on in the background. */
    private static final class Download implements AutoCloseable {
        private final Downloads.Begun begun;
        private final AtomicLong progress = new AtomicLong();
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        private final Thread thread;
        private volatile boolean slowly = true;

        Download(DirectorPair pair, int port) {
            begun = Downloads.begin(pair.client(), "", DirectorPair.VIP, port, MEGABYTES);
            thread = Thread.ofPlatform().name("download-" + port).start(() -> {
                try {
                    begun.readAll(progress, () -> slowly);
                } catch (Exception e) {
                    failure.set(e);
                }
            });
        }

        @Override
        public void close() {
            thread.interrupt();
            begun.close();
        }
    }

    @Test
    void downloadsGoOnThroughAKillAFailbackAndAStandby() throws InterruptedException {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION)) {
            List<Downloads> servers = serve(pair);
            List<Download> downloads = new ArrayList<>();
            try {
                for (int port : List.of(MASQUERADED, DIRECT, TUNNELLED)) {
                    downloads.add(new Download(pair, port));
                }
                goOn(pair, downloads, "before anything happens");
                eventually(
                        pair,
                        "lb2 knows them",
                        5_000,
                        () -> connections(pair.lb2(), "ESTABLISHED") >= downloads.size());

                pair.lb1().kill();
                ownedBy(pair, pair.lb2());
                goOn(pair, downloads, "after kill -9");
                assertThat(connections(pair.lb2(), "ESTABLISHED")).isEqualTo(downloads.size());

                pair.lb1().start();
                ownedBy(pair, pair.lb1());
                goOn(pair, downloads, "after the failback");

                var standby = pair.lb1().halvs("standby");
                assertThat(standby.exit()).as(standby.output()).isZero();
                goOn(pair, downloads, "after standby");

                for (Download download : downloads) {
                    download.slowly = false;
                    download.thread.join(60_000);
                    assertThat(download.failure.get()).isNull();
                    assertThat(download.progress).hasValue(MEGABYTES * 1_000_000L);
                }
            } finally {
                downloads.forEach(Download::close);
                servers.forEach(Downloads::close);
            }
        }
    }

    @Test
    void clientsStickToTheirServers() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION)) {
            List<Downloads> servers = serve(pair);
            try {
                Map<String, Integer> before = serversOfClients(pair);
                assertThat(before.values()).contains(1, 2, 3);
                eventually(pair, "lb2 knows them", 5_000, () -> connections(pair.lb2(), "ASSURED") == CLIENTS);
                pair.lb1().kill();
                ownedBy(pair, pair.lb2());
                assertThat(serversOfClients(pair)).isEqualTo(before);
                pair.lb1().start();
                ownedBy(pair, pair.lb1());
                assertThat(serversOfClients(pair)).isEqualTo(before);
            } finally {
                servers.forEach(Downloads::close);
            }
        }
    }

    @Test
    void commandsTellWhoKeepsWhat() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION)) {
            serve(pair).forEach(Downloads::close);
            assertThat(pair.lb1().tool("ipvsadm", "-L", "--daemon").output())
                    .startsWith("master sync daemon (mcast=eth0, syncid=0, ");
            assertThat(pair.lb2().tool("ipvsadm", "-L", "--daemon").output())
                    .startsWith("backup sync daemon (mcast=eth0, syncid=0, ");
            eventually(
                    pair,
                    "the status says so",
                    10_000,
                    () -> pair.lb1().halvs("status").output().contains("lb2: has the connections served here"));
            // as LVSSyncDaemonSwap does it
            Director lb1 = pair.lb1();
            assertThat(lb1.tool("ipvsadm", "--stop-daemon", "backup").output()).isEqualTo("No daemon is running\n");
            assertThat(lb1.tool("ipvsadm", "--start-daemon", "master", "--mcast-interface", "nosuch0")
                            .output())
                    .isEqualTo("No such device\n");
            assertThat(lb1.tool("ipvsadm", "--start-daemon", "master", "--mcast-interface", "eth0", "--syncid", "7")
                            .exit())
                    .isZero();
            assertThat(lb1.tool("ipvsadm", "-L", "--daemon").output())
                    .isEqualTo("master sync daemon (mcast=eth0, syncid=7, maxlen=1472, group=224.0.0.81, port=8848,"
                            + " ttl=1)\n");
            var twice = lb1.tool("ipvsadm", "--start-daemon", "master", "--mcast-interface", "eth0");
            assertThat(twice.output()).isEqualTo("Daemon has already run\n");
            assertThat(twice.exit()).isEqualTo(255);
            assertThat(lb1.tool("ipvsadm", "--stop-daemon", "master").exit()).isZero();
        }
    }

    private static Map<String, Integer> serversOfClients(DirectorPair pair) {
        Map<String, Integer> servers = new LinkedHashMap<>();
        for (int i = 0; i < CLIENTS; i++) {
            String client = "203.0.113." + (100 + i);
            servers.put(client, Downloads.server(pair.client(), client, DirectorPair.VIP, STICKY));
        }
        return servers;
    }

    /** Waits until each download has got far from where it was. */
    private static void goOn(DirectorPair pair, List<Download> downloads, String when) {
        for (Download download : downloads) {
            long from = download.progress.get();
            eventually(
                    pair,
                    when + " at " + from + ": " + download.failure.get(),
                    60_000,
                    () -> download.failure.get() != null || download.progress.get() > from + FAR);
            assertThat(download.failure.get()).as(when).isNull();
        }
    }

    private static long connections(Director director, String state) {
        return director.tool("ipvsadm", "-L", "-n", "-c")
                .output()
                .lines()
                .filter(line -> line.contains(" " + state + " "))
                .count();
    }

    private static List<Downloads> serve(DirectorPair pair) {
        List<Downloads> servers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            servers.add(Downloads.serve(pair.webServers().get(i).host(), PORTS, i + 1));
        }
        RecipeFiles.install(pair);
        pair.configure("ldirectord.cf", LDIRECTORD_CF);
        pair.lb1().start();
        pair.lb2().start();
        ownedBy(pair, pair.lb1());
        eventually(pair, "all serve", 10_000, () -> pair.weights().size() == 6);
        return servers;
    }
}
