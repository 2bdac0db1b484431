package org.halvs.bench.failover;

import java.util.List;
import org.halvs.lab.Command;
import org.halvs.lab.Host;
import org.halvs.lab.Lab;
import org.halvs.lab.Switch;

/**
 * Two nodes and a client on one switch, and a second cable between the nodes.
 *
 * <pre>
 *     client 10.77.0.100 ──┐
 *     alice  10.77.0.11  ──┼── lan (eth0)        10.77.0.50 floats between alice and bob
 *     bob    10.77.0.12  ──┘
 *     alice  10.78.0.11 ───── cable (eth1) ───── bob 10.78.0.12
 * </pre>
 *
 * Both nodes answer on the floating address whenever their kernel has it, whatever becomes of the program under test.
 */
final class Street implements AutoCloseable {
    static final String VIP = "10.77.0.50";
    private static final int PORT = 7777;

    final Lab lab;
    final Switch lan;
    final Switch cable;
    final Host alice;
    final Host bob;
    private final Host client;

    private Street(Lab lab) {
        this.lab = lab;
        lan = lab.ethernetSwitch("lan");
        cable = lab.ethernetSwitch("cable");
        alice = node("alice", 11);
        bob = node("bob", 12);
        client = lab.host("client");
        lan.plug(client, "eth0", "10.77.0.100/24");
    }

    static Street open() {
        Lab lab = Lab.open();
        try {
            return new Street(lab);
        } catch (RuntimeException e) {
            lab.close();
            throw e;
        }
    }

    private Host node(String name, int number) {
        Host host = lab.host(name);
        lan.plug(host, "eth0", "10.77.0." + number + "/24");
        cable.plug(host, "eth1", "10.78.0." + number + "/24");
        host.sysctl("net.ipv4.ip_nonlocal_bind", "1");
        host.sysctl("net.ipv4.conf.all.promote_secondaries", "1");
        lab.with(new Echo(host, VIP, PORT));
        return host;
    }

    List<Host> nodes() {
        return List.of(alice, bob);
    }

    /** A client that asks every 5 ms from now on. */
    Probe probe() {
        return lab.with(new Probe(client, VIP, PORT));
    }

    /** The names of the nodes that have the floating address, {@code alice}, {@code bob}, {@code alice bob} or {@code nobody}. */
    String holders() {
        List<String> names =
                nodes().stream().filter(Street::holds).map(Host::name).toList();
        return names.isEmpty() ? "nobody" : String.join(" ", names);
    }

    static boolean holds(Host node) {
        return node.ip("-o", "-4", "address", "show").contains(" " + VIP + "/");
    }

    /** Lets the client lose every ARP packet, or hear them again. */
    void loseArp(boolean lose) {
        if (lose) {
            client.run(
                    "nft",
                    "add table arp lost; add chain arp lost in { type filter hook input priority 0; policy drop; }");
        } else {
            client.run("nft", "delete table arp lost");
        }
    }

    /** Cuts or mends what the programs hear each other by when they use the switch all use: a protocol of IP, by number. */
    void dropProtocol(int protocol, boolean drop) {
        for (Host node : nodes()) {
            if (drop) {
                node.run(
                        "nft",
                        "add table ip cut; add chain ip cut in { type filter hook input priority 0; }; add rule ip cut in ip protocol "
                                + protocol + " drop");
            } else {
                node.run("nft", "delete table ip cut");
            }
        }
    }

    /** Busy loops beside everything else, {@code millis} long. */
    static void load(int loops, long millis) {
        List<Process> processes = new java.util.ArrayList<>();
        try {
            for (int i = 0; i < loops; i++) {
                processes.add(new ProcessBuilder("sh", "-c", "while :; do :; done").start());
            }
            Lab.pause(millis);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
    }

    /** A program that has to be installed: whether it is. */
    static boolean installed(String program) {
        return Command.run(List.of("sh", "-c", "test -x " + program)).exit() == 0;
    }

    @Override
    public void close() {
        lab.close();
    }
}
