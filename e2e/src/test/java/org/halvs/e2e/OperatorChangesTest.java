package org.halvs.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.BooleanSupplier;
import org.halvs.lab.Command;
import org.halvs.lab.Director;
import org.halvs.lab.DirectorPair;
import org.halvs.lab.DirectorPair.Reached;
import org.halvs.lab.Lab;
import org.halvs.lab.demo.RecipeFiles;
import org.junit.jupiter.api.Test;

/** What an administrator changes about a cluster that runs: its nodes, paths, times and ping nodes, and the weights of its servers. No address moves for it. */
class OperatorChangesTest extends LabTest {
    private static final String BASE = """
            keepalive 200ms
            deadtime 3
            initdead 10
            ucast eth0 10.77.0.11
            ucast eth0 10.77.0.12
            ping 10.77.0.1
            auto_failback off
            node lb1 lb2
            """;
    private static final String SERVICE = """
            checktimeout=3
            checkinterval=1
            virtual=10.77.0.50:80
            \treal=10.77.0.21:80 gate
            \treal=10.77.0.22:80 gate
            \tservice=http
            \trequest="/"
            \treceive="web"
            \tscheduler=rr
            """;

    @Test
    void theClusterChangesWhileItRuns() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION, List.of(Reached.DIRECTLY, Reached.DIRECTLY))) {
            Director lb1 = pair.lb1();
            Director lb2 = pair.lb2();
            pair.addHeartbeatNetwork();
            pair.configure("authkeys", RecipeFiles.AUTHKEYS);
            pair.configure("ha.cf", BASE);
            pair.configure("haresources", "lb1 IPaddr2::10.77.0.50/24/eth0 ldirectord::ldirectord.cf\n");
            pair.configure("ldirectord.cf", SERVICE);
            lb1.start();
            lb2.start();
            eventually(lb1, "lb1 or lb2 serves", () -> pair.weights().size() == 2);
            Director owner = pair.owners().getFirst();
            paths(pair);
            for (Director director : List.of(lb1, lb2)) {
                assertThat(director.halvs("events", "-n", "1000").output())
                        .doesNotContain("node lb1 is dead", "node lb2 is dead");
            }
            nodes(pair);
            pings(pair);
            assertThat(pair.owners()).containsExactly(owner);
            orders(pair, owner);
        }
    }

    private static void eventually(Director director, String what, BooleanSupplier condition) {
        assertThat(Lab.eventually(90_000, condition))
                .as(() -> what + "\n" + director.log())
                .isTrue();
    }

    private static void reload(DirectorPair pair, String haCf, String changed) {
        pair.configure("ha.cf", haCf);
        for (Director director : List.of(pair.lb1(), pair.lb2())) {
            Command answer = director.halvs("reload");
            assertThat(answer.output()).contains(changed).doesNotContain("not changed");
            assertThat(answer.exit()).isZero();
        }
    }

    private static void paths(DirectorPair pair) {
        String both = BASE + "bcast eth1\n";
        reload(pair, both, "changed: ha.cf: + path bcast eth1, port 694\n");
        eventually(
                pair.lb1(),
                "eth1 is heard",
                () -> pair.lb1()
                        .tool("cl_status", "hblinkstatus", "lb2", "eth1")
                        .output()
                        .equals("up\n"));
        pair.configure("ha.cf", BASE.replaceAll("ucast.*\n", "") + "bcast eth0\n");
        assertThat(pair.lb1().halvs("plan").output())
                .contains("would not change: ha.cf: none of the paths between the nodes");
        reload(pair, both.replaceAll("ucast.*\n", ""), "changed: ha.cf: - path ucast eth0 10.77.0.11, port 694\n");
        assertThat(pair.lb1().tool("cl_status", "listhblinks", "lb2").output()).isEqualTo("\teth1\n");
        reload(pair, both.replace("deadtime 3", "deadtime 8"), "changed: ha.cf: deadtime 3000 ms -> 8000 ms\n");
        assertThat(pair.lb2().tool("cl_status", "hbparameter", "-p", "deadtime").output())
                .isEqualTo("8\n");
    }

    private static void nodes(DirectorPair pair) {
        Director lb1 = pair.lb1();
        Command active = lb1.tool("hb_delnode", "lb2");
        assertThat(active.exit()).isEqualTo(1);
        assertThat(active.output()).contains("deletion failed: node lb2 is not dead");
        Command added = lb1.tool("hb_addnode", "lb3");
        assertThat(added.output()).contains("lb3 is a node of this cluster");
        assertThat(added.exit()).isZero();
        assertThat(pair.lb2().tool("cl_status", "listnodes", "-n").output()).isEqualTo("lb3\nlb2\nlb1\n");
        assertThat(lb1.tool("cl_status", "nodestatus", "lb3"))
                .extracting(Command::output, Command::exit)
                .containsExactly("dead\n", 1);
        assertThat(lb1.tool("hb_addnode", "lb3").exit()).isEqualTo(1);
        Director standby = pair.owners().contains(lb1) ? pair.lb2() : lb1;
        standby.stop();
        standby.start();
        eventually(
                standby,
                "a restart remembers",
                () -> standby.tool("cl_status", "listnodes", "-n").output().equals("lb3\nlb2\nlb1\n"));
        eventually(
                standby,
                "it has joined",
                () -> standby.halvs("status", "--json")
                        .output()
                        .contains("\"differences\":[]},{\"name\":\"lb2\",\"state\":\"active"));
        assertThat(standby.tool("hb_delnode", "lb3").exit()).isZero();
        assertThat(lb1.tool("cl_status", "listnodes", "-n").output()).isEqualTo("lb2\nlb1\n");
        assertThat(pair.lb2().tool("cl_status", "listnodes", "-n").output()).isEqualTo("lb2\nlb1\n");
    }

    private static void pings(DirectorPair pair) {
        Director lb1 = pair.lb1();
        eventually(
                lb1, "the router answers", () -> lb1.halvs("status").output().contains("10.77.0.1            answers"));
        assertThat(lb1.tool("cl_status", "listnodes", "-p").output()).isEqualTo("10.77.0.1\n");
        assertThat(lb1.tool("cl_status", "nodetype", "10.77.0.1").output()).isEqualTo("ping\n");
        assertThat(lb1.tool("cl_status", "nodestatus", "10.77.0.1"))
                .extracting(Command::output, Command::exit)
                .containsExactly("ping\n", 0);
        reload(pair, BASE + "bcast eth1\ndeadping 2\nping 10.77.0.99\n", "changed: ha.cf: + ping node 10.77.0.99\n");
        eventually(
                lb1,
                "nobody is there",
                () -> lb1.tool("cl_status", "nodestatus", "10.77.0.99").output().equals("dead\n"));
        assertThat(lb1.halvs("status", "--json").output())
                .contains("{\"name\":\"10.77.0.99\",\"type\":\"ping\",\"status\":\"dead\"}");
    }

    private static void orders(DirectorPair pair, Director owner) {
        Director other = owner == pair.lb1() ? pair.lb2() : pair.lb1();
        assertThat(owner.halvs("drain", "10.77.0.21").output())
                .contains(other.host().name() + " has been told");
        assertThat(other.halvs("status").output())
                .contains("ORDERS of operators", "10.77.0.21:80          no new connections");
        assertThat(owner.halvs("standby").exit()).isZero();
        assertThat(pair.owners()).containsExactly(other);
        assertThat(pair.weights()).containsEntry("10.77.0.21:80", 0).containsEntry("10.77.0.22:80", 1);
        owner.kill();
        owner.start();
        eventually(
                owner,
                "a node that joins is told",
                () -> owner.halvs("status").output().contains("10.77.0.21:80          no new connections"));
        assertThat(owner.halvs("weight", "10.77.0.21", "default").exit()).isZero();
        eventually(
                other,
                "taken back",
                () -> pair.weights().equals(java.util.Map.of("10.77.0.21:80", 1, "10.77.0.22:80", 1)));
        assertThat(other.halvs("status").output()).doesNotContain("ORDERS");
    }
}
