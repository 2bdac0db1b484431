package org.halvs.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.halvs.lab.Command;
import org.halvs.lab.Lab;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** What an administrator can do to the forwarding core with ipvsadm, halvs sysctl and halvs.yml, with real traffic. */
@TestInstance(Lifecycle.PER_CLASS)
class IpvsAdministrationTest extends LabTest {
    private static final String VIP = OneDirector.VIP;
    private static final String VIP6 = OneDirector.VIP6;
    private static final String HALVS_YML = """
            ipvs:
              expire_nodest_conn: 1
            marks:
              - mark: 5
                protocol: tcp
                destination: %s
                ports: [8080, 8443]
                interface: eth+
              - mark: 6
                protocol: tcp
                destination: %s
                ports: 2222
                source: 198.51.100.11
            """.formatted(VIP, VIP);

    private OneDirector lab;

    @BeforeAll
    void open() {
        assumeTrue(Lab.missing().isEmpty() && Files.isExecutable(DISTRIBUTION.resolve("bin/halvs")));
        lab = OneDirector.open(DISTRIBUTION, HALVS_YML);
    }

    @AfterAll
    void close() {
        if (lab != null) {
            lab.close();
        }
    }

    @AfterEach
    void clear() {
        assertThat(lab.ipvsadm("-C").exit()).isZero();
    }

    @Test
    void everyEditReachesTheRunningTableAndRestoringGivesTheSame() {
        ok(lab.restore(
                "-A -t " + VIP + ":81 -s wrr -p 60",
                "-a -t " + VIP + ":81 -r 10.1.0.11:80 -m -w 3",
                "-a -t " + VIP + ":81 -r 198.51.100.12:81 -g -x 10",
                "-A -u [" + VIP6 + "]:53 -s sh -b sh-port",
                "-a -u [" + VIP6 + "]:53 -r [2001:db8:1::13]:53 -i"));
        ok(lab.ipvsadm("-A", "-f", "9", "-s", "rr", "-o"));
        ok(lab.ipvsadm("-e", "-t", VIP + ":81", "-r", "198.51.100.12:81", "-g", "-w", "7"));
        ok(lab.ipvsadm("-d", "-t", VIP + ":81", "-r", "10.1.0.11:80"));
        String saved = lab.ipvsadm("-S", "-n").output();
        assertThat(saved.lines())
                .containsExactlyInAnyOrder(
                        "-A -t " + VIP + ":81 -s wrr -p 60",
                        "-a -t " + VIP + ":81 -r 198.51.100.12:81 -g -w 7",
                        "-A -u [" + VIP6 + "]:53 -s sh -b sh-port",
                        "-a -u [" + VIP6 + "]:53 -r [2001:db8:1::13]:53 -i -w 1 --tun-type ipip",
                        "-A -f 9 -s rr -o");
        Command twice = lab.ipvsadm("-A", "-f", "9");
        assertThat(twice.exit()).isEqualTo(255);
        assertThat(twice.output()).isEqualTo("Service already exists\n");
        for (String nobody : List.of("224.0.0.1:81", "198.51.100.255:81", "0.0.0.1:81")) {
            Command refused = lab.ipvsadm("-a", "-t", VIP + ":81", "-r", nobody, "-g");
            assertThat(refused.exit()).as(nobody).isEqualTo(255);
            assertThat(refused.output()).contains("address not unicast");
        }
        ok(lab.ipvsadm("-Z"));
        ok(lab.ipvsadm("--set", "600", "30", "60"));
        assertThat(lab.ipvsadm("-L", "--timeout").output()).isEqualTo("Timeout (tcp tcpfin udp): 600 30 60\n");
        ok(lab.ipvsadm("--start-daemon", "backup", "--mcast-interface", "lo", "--syncid", "3"));
        assertThat(lab.ipvsadm("-L", "--daemon").output())
                .isEqualTo(
                        "backup sync daemon (mcast=lo, syncid=3, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)\n");
        ok(lab.ipvsadm("--stop-daemon", "backup"));
        ok(lab.ipvsadm("-C"));
        assertThat(lab.ipvsadm("-S", "-n").output()).isEmpty();
        ok(lab.restore(saved.lines().toArray(String[]::new)));
        assertThat(lab.ipvsadm("-S", "-n").output()).isEqualTo(saved);
    }

    @Test
    void marksOfHalvsYmlMakeOnePersistentServiceOfTwoPorts() {
        ok(lab.restore(
                "-A -f 5 -s rr -p 300",
                "-a -f 5 -r 10.1.0.11:0 -m",
                "-a -f 5 -r 198.51.100.12:0 -g",
                "-a -f 5 -r 198.51.100.13:0 -i"));
        Set<Integer> used = new TreeSet<>();
        for (String source : List.of("198.51.100.10", "198.51.100.11")) {
            Set<Integer> ofThisClient = new TreeSet<>();
            for (int i = 0; i < 3; i++) {
                ofThisClient.add(Downloads.server(lab.client, source, VIP, 8080));
                ofThisClient.add(Downloads.server(lab.client, source, VIP, 8443));
            }
            assertThat(ofThisClient).as("servers of " + source).hasSize(1);
            used.addAll(ofThisClient);
        }
        assertThat(used).hasSize(2);
        // the local stack is kept out of the ports by the packet filter, or it would reset the connections above
        assertThat(lab.ipvsadm("-L", "-n", "-c").output()).contains("198.51.100.10:0", "8443");
    }

    @Test
    void whatAMarkLeavesOutReachesTheDirectorsOwnServices() {
        ok(lab.restore("-A -f 6 -s rr", "-a -f 6 -r 198.51.100.12:0 -g"));
        try (Downloads own = Downloads.serve(lab.director.host(), List.of(2222), 9)) {
            assertThat(own.number()).isEqualTo(9);
            assertThat(Downloads.server(lab.client, "198.51.100.11", VIP, 2222)).isEqualTo(2);
            assertThat(Downloads.server(lab.client, "198.51.100.10", VIP, 2222)).isEqualTo(9);
        }
    }

    @Test
    void settingsAreShownAndChangedAtRunTime() {
        assertThat(lab.director.halvs("sysctl").output())
                .contains("net.ipv4.vs.expire_nodest_conn = 1\n", "net.ipv4.vs.expire_quiescent_template = 1\n");
        assertThat(lab.director
                        .halvs("sysctl", "conn_reuse_mode=0", "net.ipv4.vs.sync_threshold=5 60")
                        .output())
                .isEqualTo("net.ipv4.vs.conn_reuse_mode = 0\nnet.ipv4.vs.sync_threshold = 5\t60\n");
        assertThat(lab.director.halvs("sysctl", "conn_reuse_mode").output())
                .isEqualTo("net.ipv4.vs.conn_reuse_mode = 0\n");
        Command unknown = lab.director.halvs("sysctl", "conn_reuse_mode=1", "drop_entri=1");
        assertThat(unknown.exit()).isEqualTo(1);
        assertThat(unknown.output()).contains("did you mean drop_entry?");
        assertThat(lab.director.halvs("sysctl", "conn_reuse_mode").output()).contains("= 0");
        assertThat(lab.director
                        .halvs("check", lab.director.etc().resolve("halvs.yml").toString())
                        .exit())
                .isZero();
    }

    /** Issue 4's last bar: three servers, one of each method, in both families; each is drained while it sends. */
    @Test
    void downloadsArriveIntactWhileWeightsChangeAndServersAreDrained() throws Exception {
        ok(lab.restore(rules("-a", 1, 1, 1, "-A -t %s:80 -s wrr")));
        CountDownLatch middle = new CountDownLatch(1);
        List<CompletableFuture<Boolean>> downloads = new ArrayList<>();
        for (String address : List.of(VIP, VIP6)) {
            Set<Integer> servers = new TreeSet<>();
            for (int i = 0; i < 3; i++) {
                Downloads.Begun begun = Downloads.begin(lab.client, "", address, 80, 100);
                servers.add(begun.server());
                CompletableFuture<Boolean> download = new CompletableFuture<>();
                downloads.add(download);
                Thread.ofVirtual().start(() -> {
                    try (begun) {
                        download.complete(begun.finish(middle));
                    } catch (Exception e) {
                        download.completeExceptionally(e);
                    }
                });
            }
            assertThat(servers).as("servers of " + address).containsExactly(1, 2, 3);
        }
        drain(1, rules("-e", 0, 1, 5, ""));
        drain(2, rules("-e", 3, 0, 1, ""));
        middle.countDown(); // the second half flows while the last ones change
        drain(3, rules("-e", 1, 2, 0, ""));
        for (CompletableFuture<Boolean> download : downloads) {
            assertThat(download.get()).isTrue();
        }
        String table = lab.ipvsadm("-L", "-n", "--stats").output();
        assertThat(table).contains(VIP + ":80", "[" + VIP6 + "]:80");
    }

    private void drain(int server, String[] edits) {
        ok(lab.restore(edits));
        for (String address : List.of(VIP, VIP6)) {
            for (int i = 0; i < 4; i++) {
                assertThat(Downloads.server(lab.client, "", address, 80)).isNotEqualTo(server);
            }
        }
    }

    private static String[] rules(String command, int masq, int gate, int ipip, String service) {
        List<String> rules = new ArrayList<>();
        for (String vip : List.of(VIP, "[" + VIP6 + "]")) {
            boolean ipv4 = vip.equals(VIP);
            if (!service.isEmpty()) {
                rules.add(service.formatted(vip));
            }
            String start = command + " -t " + vip + ":80 -r ";
            rules.add(start + (ipv4 ? "10.1.0.11" : "[2001:db8:2::11]") + ":80 -m -w " + masq);
            rules.add(start + (ipv4 ? "198.51.100.12" : "[2001:db8:1::12]") + ":80 -g -w " + gate);
            rules.add(start + (ipv4 ? "198.51.100.13" : "[2001:db8:1::13]") + ":80 -i -w " + ipip);
        }
        return rules.toArray(String[]::new);
    }

    private void ok(Command command) {
        assertThat(command.exit())
                .as(() -> String.join(" ", command.words()) + "\n" + command.output() + "\n" + lab.director.log())
                .isZero();
    }
}
