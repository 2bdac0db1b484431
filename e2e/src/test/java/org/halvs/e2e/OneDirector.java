package org.halvs.e2e;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.halvs.lab.Command;
import org.halvs.lab.Director;
import org.halvs.lab.Host;
import org.halvs.lab.IpipDecapsulator;
import org.halvs.lab.Lab;
import org.halvs.lab.Switch;
import org.halvs.lab.demo.RecipeFiles;

/**
 * One director with both families of addresses and a real server for each forwarding method; its services are an operator's.
 *
 * <pre>
 *     client   .10, .11 ──┬── eth0 director eth1 ── real1, masqueraded
 *     real2, gate    .12 ─┤   198.51.100.80 and 2001:db8:1::80 float
 *     real3, ipip    .13 ─┘
 * </pre>
 */
final class OneDirector implements AutoCloseable {
    static final String VIP = "198.51.100.80";
    static final String VIP6 = "2001:db8:1::80";
    static final List<Integer> PORTS = List.of(80, 2222, 8080, 8443);

    private static final String HA_CF = """
            keepalive 1
            deadtime 3
            initdead 3
            bcast eth0
            auto_failback on
            node director
            """;

    private final Lab lab;
    private final Path distribution;
    private final List<Downloads> servers = new ArrayList<>();
    final Host client;
    final Director director;

    private OneDirector(Lab lab, Path distribution) {
        this.lab = lab;
        this.distribution = distribution;
        Switch outside = lab.ethernetSwitch("outside");
        Switch inside = lab.ethernetSwitch("inside");
        client = lab.host("client");
        plug(outside, client, "eth0", "198.51.100.10", "2001:db8:1::10");
        client.ip("address", "add", "198.51.100.11/24", "dev", "eth0");
        Host host = lab.host("director");
        plug(outside, host, "eth0", "198.51.100.1", "2001:db8:1::1");
        plug(inside, host, "eth1", "10.1.0.1", "2001:db8:2::1");
        director = new Director(host, distribution);
        Host masqueraded = lab.host("real1");
        plug(inside, masqueraded, "eth0", "10.1.0.11", "2001:db8:2::11");
        masqueraded.ip("route", "add", "default", "via", "10.1.0.1");
        masqueraded.ip("-6", "route", "add", "default", "via", "2001:db8:2::1");
        Host gate = lab.host("real2");
        plug(outside, gate, "eth0", "198.51.100.12", "2001:db8:1::12");
        holdSilently(gate);
        Host ipip = lab.host("real3");
        plug(outside, ipip, "eth0", "198.51.100.13", "2001:db8:1::13");
        holdSilently(ipip);
        lab.with(IpipDecapsulator.start(ipip.namespace(), "tunl0"));
        for (Host server : List.of(masqueraded, gate, ipip)) {
            servers.add(Downloads.serve(server, PORTS, servers.size() + 1));
        }
    }

    /** The lab with a daemon that owns both addresses. */
    static OneDirector open(Path distribution, String halvsYml) {
        Lab lab = Lab.open();
        try {
            OneDirector made = new OneDirector(lab, distribution);
            made.start(halvsYml);
            return made;
        } catch (RuntimeException e) {
            lab.close();
            throw e;
        }
    }

    private void start(String halvsYml) {
        director.configure("ha.cf", HA_CF);
        director.configure("authkeys", RecipeFiles.AUTHKEYS);
        director.configure("haresources", "director IPaddr2::" + VIP + "/24/eth0 IPv6addr::" + VIP6 + "/64/eth0\n");
        director.configure("halvs.yml", halvsYml);
        director.start();
        if (!Lab.eventually(30_000, () -> director.holds(VIP) && director.holds(VIP6))) {
            throw new IllegalStateException("the director does not own its addresses:\n" + director.log());
        }
    }

    private static void plug(Switch where, Host host, String device, String ipv4, String ipv6) {
        where.plug(host, device, ipv4 + "/24");
        host.ip("address", "add", ipv6 + "/64", "dev", device, "nodad");
    }

    private static void holdSilently(Host host) {
        host.sysctl("net.ipv4.conf.all.arp_ignore", "1");
        host.sysctl("net.ipv4.conf.all.arp_announce", "2");
        host.sysctl("net.ipv4.conf.all.rp_filter", "0");
        host.ip("address", "add", VIP + "/32", "dev", "lo");
        host.ip("address", "add", VIP6 + "/128", "dev", "lo", "nodad");
    }

    /** Runs ipvsadm on the director. */
    Command ipvsadm(String... words) {
        return director.tool("ipvsadm", words);
    }

    /** Runs {@code ipvsadm -R} with these rules, a line each. */
    Command restore(String... rules) {
        director.configure("rules", String.join("\n", rules) + "\n");
        List<String> words = new ArrayList<>(
                Arrays.asList("env", "HALVS_ETC=" + director.etc(), "HALVS_RUN=" + director.run(), "sh", "-c"));
        words.add(
                distribution.resolve("bin/ipvsadm") + " -R < " + director.etc().resolve("rules"));
        return director.host().execute(words.toArray(String[]::new));
    }

    @Override
    public void close() {
        servers.forEach(Downloads::close);
        lab.close();
    }
}
