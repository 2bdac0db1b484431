package org.halvs.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.halvs.lab.Command;
import org.halvs.lab.Director;
import org.halvs.lab.DirectorPair;
import org.halvs.lab.DirectorPair.Reached;
import org.halvs.lab.Lab;
import org.halvs.lab.demo.RecipeFiles;
import org.junit.jupiter.api.Test;

/** What an administrator types and reads, on one pair of daemons, from its start to its end. */
class OperatorTest extends LabTest {
    private static final String GROUP = "IPaddr2::10.77.0.50/24/eth0";
    private static final String SECOND = "IPaddr2::10.77.0.51/24/eth0";
    private static final String OTHERS = "IPaddr2::10.77.0.52/24/eth0";

    private static String haCf(Director director) {
        return """
                keepalive 200ms
                deadtime 2
                initdead 4
                logfile %s/ha-log
                ucast eth0 10.77.0.11
                ucast eth0 10.77.0.12
                auto_failback off
                node lb1 lb2
                """.formatted(director.run());
    }

    private static void hook(Director director, String name, String body) throws IOException {
        director.configure("rc.d/" + name, "#!/bin/sh\n" + body);
        Files.setPosixFilePermissions(
                director.etc().resolve("rc.d").resolve(name), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static String text(Director director, String file) {
        Path path = director.run().resolve(file);
        try {
            return Files.exists(path) ? Files.readString(path) : "";
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void logs(DirectorPair pair, Director director, String... lines) {
        for (String line : lines) {
            eventually(
                    pair,
                    director.host().name() + " logs \"" + line + "\"",
                    10_000,
                    () -> text(director, "ha-log").contains(line));
        }
    }

    @Test
    void administratorFindsEverythingAsBeforeAndMore() throws IOException {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION, java.util.List.of(Reached.DIRECTLY))) {
            Director lb1 = pair.lb1();
            Director lb2 = pair.lb2();
            pair.configure("authkeys", RecipeFiles.AUTHKEYS);
            pair.configure("haresources", "lb1 " + GROUP + "\n");
            for (Director director : new Director[] {lb1, lb2}) {
                director.configure("ha.cf", haCf(director));
                hook(director, "ask_resources", "env | grep ^HA_ > " + director.run() + "/hook\n");
                hook(director, "status", "/usr/share/heartbeat/mach_down $HA_src; touch " + director.run() + "/bad\n");
            }
            assertStopped(lb1);
            Command started = lb1.tool("heartbeat");
            assertThat(started.exit()).as(started.output()).isZero();
            assertThat(started.output()).contains("info: Configuration validated. Starting heartbeat 3.0.6");
            try {
                lb2.start();
                ownedBy(pair, lb1, lb2);
                eventually(
                        pair,
                        lb2,
                        "lb1 is seen",
                        () -> lb1.tool("cl_status", "nodestatus", "lb2")
                                .output()
                                .equals("active\n"));
                asks(lb1);
                moves(pair, lb1, lb2);
                reloads(pair, lb1, lb2);
                rollsKeys(pair, lb1, lb2);
                remembers(pair, lb1, lb2);
            } finally {
                Command stopped = lb1.tool("heartbeat", "-k");
                assertThat(stopped.exit()).as(stopped.output()).isZero();
            }
            assertThat(lb1.holds(DirectorPair.VIP)).isFalse();
            assertStopped(lb1);
            assertThat(text(lb1, "ha-log"))
                    .contains(
                            "Heartbeat shutdown in progress.",
                            "All HA resources relinquished.",
                            "lb1 Heartbeat shutdown complete.");
        }
    }

    private static void ownedBy(DirectorPair pair, Director owner, Director started) {
        eventually(
                pair,
                started,
                owner.host().name() + " owns it",
                () -> pair.owners().equals(java.util.List.of(owner)));
    }

    /** As the other one, for a pair of which one was not started by the laboratory. */
    private static void eventually(
            DirectorPair pair, Director started, String what, java.util.function.BooleanSupplier condition) {
        assertThat(Lab.eventually(20_000, condition))
                .as(() -> what + "\nlb1:\n" + text(pair.lb1(), "ha-log") + "\nlb2:\n" + started.log())
                .isTrue();
    }

    private static void assertStopped(Director director) {
        assertThat(director.tool("heartbeat", "-s"))
                .extracting(Command::output, Command::exit)
                .containsExactly("heartbeat is stopped. No process\n", 1);
        assertThat(director.tool("cl_status", "hbstatus"))
                .extracting(Command::output, Command::exit)
                .containsExactly("Heartbeat is stopped on this machine.\n", 1);
        assertThat(director.tool("hb_takeover").exit()).isEqualTo(1);
        assertThat(director.tool("heartbeat", "-k"))
                .extracting(Command::output, Command::exit)
                .containsExactly("INFO: Heartbeat already stopped.\n", 0);
    }

    private static void asks(Director lb1) {
        assertThat(lb1.tool("heartbeat", "-s").output())
                .matches("heartbeat OK \\[pid [0-9]+ et al] is running on lb1 \\[lb1]\\.\\.\\.\n");
        assertThat(lb1.tool("cl_status", "rscstatus").output()).isEqualTo("local\n");
        assertThat(lb1.tool("cl_status", "listnodes", "-v").output()).isEqualTo("""

                lb2\tactive\t(nodetype: normal)
                \teth0\tup

                lb1\tactive\t(nodetype: normal)
                \teth0\tup
                """);
        assertThat(lb1.tool("cl_status", "hbparameter", "-p", "deadtime").output())
                .isEqualTo("2\n");
        Command bad = lb1.tool("cl_status", "hblinkstatus", "lb2", "eth7");
        assertThat(bad.exit()).isEqualTo(13);
        assertThat(bad.output())
                .matches(
                        "(?s)[A-Z][a-z]{2} [0-9 :]+ lb1 cl_status: \\[[0-9]+]: ERROR: Cannot get heartbeat link status\n.*");
        assertThat(lb1.tool("ResourceManager", "listkeys", "lb1").output()).isEqualTo(GROUP + "\n");
        assertThat(lb1.tool("ResourceManager", "status", GROUP).exit()).isZero();
        assertThat(lb1.tool("hb_addnode", "lb3"))
                .matches(answer -> answer.exit() == 1 && answer.output().contains("no path of ha.cf leads to lb3"));
        Command wrong = lb1.tool("hb_standby", "bogus");
        assertThat(wrong.exit()).isEqualTo(1);
        assertThat(wrong.output()).contains("/hb_standby: wrong resources(bogus).\nusage:\n");
    }

    private static void moves(DirectorPair pair, Director lb1, Director lb2) {
        assertThat(lb1.halvs("standby", "--dry-run").output()).isEqualTo(GROUP + " goes from lb1 to lb2\n");
        assertThat(pair.owners()).containsExactly(lb1);
        Command standby = lb1.tool("hb_standby");
        assertThat(standby.exit()).as(standby.output()).isZero();
        assertThat(standby.output())
                .matches("(?s).* Going standby \\[all]\\.\n.*")
                .contains(GROUP + " goes from lb1 to lb2\n", "done: " + GROUP + " is with lb2");
        assertThat(pair.owners()).containsExactly(lb2);
        assertThat(lb1.tool("cl_status", "rscstatus").output()).isEqualTo("none\n");
        logs(
                pair,
                lb1,
                "lb1 heartbeat: [",
                "info: lb1 wants to go standby [all]",
                "info: standby: lb2 can take our all resources",
                "info: Releasing resource group: lb1 " + GROUP,
                "info: Local standby process completed [all].");
        logs(
                pair,
                lb2,
                "info: standby: acquire [all] resources from lb1",
                "info: Acquiring resource group: lb1 " + GROUP,
                "info: Standby resource acquisition done [all].");
        eventually(pair, lb2, "the hook ran", () -> text(lb2, "hook").contains("HA_rsc_hold=all"));
        assertThat(text(lb2, "hook")).contains("HA_src=lb1\n", "HA_CURHOST=lb2\n", "HA_deadtime=2\n");
        assertThat(lb2.run().resolve("bad"))
                .as("what heartbeat came with is not run")
                .doesNotExist();
        assertThat(lb2.log()).contains("rc.d/status: is not run: it calls mach_down");
        Command takeover = lb1.tool("hb_takeover", "failback");
        assertThat(takeover.exit()).as(takeover.output()).isZero();
        assertThat(lb1.holds(DirectorPair.VIP)).isTrue();
        ownedBy(pair, lb1, lb2); // lb2 lets go of the last of it when it hears of that
    }

    private static void reloads(DirectorPair pair, Director lb1, Director lb2) {
        lb1.configure("haresources", "lb1 " + GROUP + "\nlb9 " + SECOND + "\n");
        Command refused = lb1.halvs("reload");
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.output()).contains("Bad nodename", "keep every change from taking effect");
        pair.configure("haresources", "lb1 " + GROUP + " " + SECOND + "\nlb2 " + OTHERS + "\n");
        Command plan = lb1.halvs("plan");
        assertThat(plan.exit()).as(plan.output()).isZero();
        assertThat(plan.output())
                .contains(
                        "would change: haresources: " + GROUP + " + " + SECOND,
                        "would change: haresources: new group " + OTHERS + ", which prefers lb2");
        assertThat(lb1.holds("10.77.0.51")).isFalse();
        assertThat(lb1.halvs("reload").output()).contains("changed: haresources: " + GROUP + " + " + SECOND);
        eventually(pair, lb2, "the address is there", () -> lb1.holds("10.77.0.51"));
        eventually(
                pair,
                lb2,
                "lb1 sees the drift",
                () -> lb1.halvs("status").output().contains("DRIFT"));
        lb2.daemon().signal("HUP");
        eventually(pair, lb2, "lb2 has its own", () -> lb2.holds("10.77.0.52") && !lb1.holds("10.77.0.52"));
        eventually(pair, lb2, "they agree", () -> !lb1.halvs("status").output().contains("DRIFT"));
        assertThat(pair.owners()).containsExactly(lb1);
        assertThat(text(lb1, "ha-log"))
                .as("what had not changed was not touched")
                .doesNotContain("Releasing resource group: lb1 " + GROUP + " " + SECOND);
        pair.configure("haresources", "lb1 " + GROUP + "\n");
        assertThat(lb1.tool("heartbeat", "-r").exit()).isZero();
        assertThat(lb2.halvs("reload").exit()).isZero();
        eventually(
                pair,
                lb2,
                "both are gone",
                () -> !lb1.holds("10.77.0.51") && !lb2.holds("10.77.0.52") && !lb1.holds("10.77.0.52"));
        assertThat(lb1.halvs("reload").output()).isEqualTo("nothing has changed\n");
        assertThat(lb1.holds(DirectorPair.VIP)).isTrue();
    }

    /** As the manual of heartbeat has it: the new key first verifies everywhere, then signs. */
    private static void rollsKeys(DirectorPair pair, Director lb1, Director lb2) {
        for (String keys : new String[] {
            "auth 1\n1 sha1 old\n2 sha1 new\n", "auth 2\n1 sha1 old\n2 sha1 new\n", "auth 2\n2 sha1 new\n"
        }) {
            for (Director director : new Director[] {lb1, lb2}) {
                String text = keys.replace(
                        "1 sha1 old", RecipeFiles.AUTHKEYS.lines().toList().get(1));
                director.configure("authkeys", text);
                String signing = keys.startsWith("auth 1") ? "1" : "2";
                String known = keys.contains("1 sha1") ? "[1, 2]" : "[2]";
                eventually(
                        pair,
                        lb2,
                        "keys are changed",
                        () -> director.halvs("events", "-n", "1000")
                                .output()
                                .lines()
                                .anyMatch(line ->
                                        line.contains(" " + director.host().name() + " ")
                                                && line.endsWith("-> " + known + " of which " + signing + " signs")));
            }
        }
        assertThat(lb1.halvs("events", "-n", "1000").output()).doesNotContain("node lb2 is gone");
        assertThat(lb1.tool("cl_status", "nodestatus", "lb2").output()).isEqualTo("active\n");
    }

    private static void remembers(DirectorPair pair, Director lb1, Director lb2) {
        eventually(
                pair,
                lb2,
                "lb1 tells of lb2",
                () -> lb1.halvs("events", "-n", "1000").output().contains(" lb2 INFO    acquired " + GROUP));
        assertThat(lb1.halvs("events", "--json", "-n", "1000").output())
                .contains("\"node\":\"lb1\"", "\"node\":\"lb2\"", "\"kind\":\"StandbyCompleted\"");
        assertThat(lb1.halvs("events", "--since", "2000-01-01", "-n", "1")
                        .output()
                        .lines())
                .hasSize(1);
        assertThat(lb1.halvs("events", "--since", "tomorrow").output()).contains("is no time");
        lb2.kill();
        logs(pair, lb1, "WARN: node lb2: is dead");
        eventually(
                pair,
                lb2,
                "lb2 is dead",
                () -> lb1.tool("cl_status", "nodestatus", "lb2").exit() == 1);
        assertThat(lb1.tool("cl_status", "rscstatus").output()).isEqualTo("all\n");
        assertThat(lb1.halvs("standby"))
                .matches(answer -> answer.exit() == 1 && answer.output().contains("lb2 is not there"));
        assertThat(lb1.halvs("events", "-n", "1000").output()).contains(" lb2 INFO    acquired " + GROUP);
    }
}
