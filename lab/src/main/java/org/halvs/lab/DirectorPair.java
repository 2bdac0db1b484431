package org.halvs.lab;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/**
 * The lab everything of HALVS is shown and tested in: two directors and three real servers on one switch, and a client behind a router.
 *
 * <pre>
 *     client 203.0.113.0/24 ── router 10.77.0.1 ──┬── lb1  10.77.0.11   directors; 10.77.0.50 floats between them
 *                                                 ├── lb2  10.77.0.12
 *                                                 ├── web1 10.77.0.21   masqueraded: its gateway is 10.77.0.50
 *                                                 ├── web2 10.77.0.22   direct routing: 10.77.0.50 on lo, silent
 *                                                 └── web3 10.77.0.23   tunnelled: unwraps, then as web2
 * </pre>
 */
public final class DirectorPair implements AutoCloseable {
    /** The floating address. */
    public static final String VIP = "10.77.0.50";

    /** The port of the virtual service. */
    public static final int PORT = 80;

    private static final int CLIENT_ADDRESSES = 100;

    private final Lab lab;
    private final Switch lan;
    private final Host router;
    private final Host client;
    private final Director lb1;
    private final Director lb2;
    private final List<WebServer> webServers;

    private DirectorPair(
            Lab lab, Switch lan, Host router, Host client, Director lb1, Director lb2, List<WebServer> webServers) {
        this.lab = lab;
        this.lan = lan;
        this.router = router;
        this.client = client;
        this.lb1 = lb1;
        this.lb2 = lb2;
        this.webServers = webServers;
    }

    /** How a real server is prepared to be reached. */
    public enum Reached {
        /** Its way back is through the director. */
        MASQUERADED,
        /** It holds the floating address without answering ARP for it. */
        DIRECTLY,
        /** Likewise, and unwraps IP in IP. */
        TUNNELLED
    }

    /** The lab of the picture, with web servers that run and directors that are not configured yet. */
    public static DirectorPair open(Path distribution) {
        return open(distribution, List.of(Reached.MASQUERADED, Reached.DIRECTLY, Reached.TUNNELLED));
    }

    /** The same with a real server for each element of {@code reached}: web1, web2 and so on. */
    public static DirectorPair open(Path distribution, List<Reached> reached) {
        Lab lab = Lab.open();
        try {
            Switch lan = lab.ethernetSwitch("lan");
            Host router = router(lab, lan);
            Host client = client(lab, router);
            Director lb1 = director(lab, lan, "lb1", "10.77.0.11/24", distribution);
            Director lb2 = director(lab, lan, "lb2", "10.77.0.12/24", distribution);
            List<WebServer> webServers = new ArrayList<>();
            for (int i = 0; i < reached.size(); i++) {
                webServers.add(webServer(lab, lan, "web" + (i + 1), "10.77.0." + (21 + i), reached.get(i)));
            }
            return new DirectorPair(lab, lan, router, client, lb1, lb2, List.copyOf(webServers));
        } catch (RuntimeException e) {
            lab.close();
            throw e;
        }
    }

    private static Host router(Lab lab, Switch lan) {
        Host router = lab.host("router");
        lan.plug(router, "eth0", "10.77.0.1/24");
        router.sysctl("net.ipv4.ip_forward", "1");
        return router;
    }

    private static Host client(Lab lab, Host router) {
        Host client = lab.host("client");
        Command.output(
                "ip",
                "link",
                "add",
                "eth1",
                "netns",
                router.namespace(),
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                client.namespace());
        router.ip("address", "add", "203.0.113.1/24", "dev", "eth1");
        router.ip("link", "set", "eth1", "up");
        client.ip("link", "set", "eth0", "up");
        for (int i = 0; i < CLIENT_ADDRESSES; i++) {
            client.ip("address", "add", "203.0.113." + (100 + i) + "/24", "dev", "eth0");
        }
        client.ip("route", "add", "default", "via", "203.0.113.1");
        return client;
    }

    private static Director director(Lab lab, Switch lan, String name, String prefix, Path distribution) {
        Host host = lab.host(name);
        lan.plug(host, "eth0", prefix);
        host.ip("route", "add", "default", "via", "10.77.0.1");
        return new Director(host, distribution);
    }

    private static WebServer webServer(Lab lab, Switch lan, String name, String address, Reached reached) {
        Host host = lab.host(name);
        lan.plug(host, "eth0", address + "/24");
        switch (reached) {
            case MASQUERADED -> host.ip("route", "add", "default", "via", VIP);
            case DIRECTLY -> holdSilently(host);
            case TUNNELLED -> {
                holdSilently(host);
                lab.with(IpipDecapsulator.start(host.namespace(), "tunl0"));
            }
        }
        return WebServer.start(host, PORT);
    }

    /** What the manuals tell an administrator to do on a real server: the address on lo, no ARP for it, answers straight to the client. */
    private static void holdSilently(Host host) {
        host.sysctl("net.ipv4.conf.all.arp_ignore", "1");
        host.sysctl("net.ipv4.conf.all.arp_announce", "2");
        host.sysctl("net.ipv4.conf.all.rp_filter", "0");
        host.ip("address", "add", VIP + "/32", "dev", "lo");
        host.ip("route", "add", "default", "via", "10.77.0.1");
    }

    public Director lb1() {
        return lb1;
    }

    public Director lb2() {
        return lb2;
    }

    public List<WebServer> webServers() {
        return webServers;
    }

    public Host client() {
        return client;
    }

    /** The switch all but the client are plugged into. */
    public Switch lan() {
        return lan;
    }

    /**
     * Joins the directors by a second network of their own, {@code 10.78.0.11} and {@code 10.78.0.12} on {@code eth1}: a path for heartbeats that is not the one
     * the clients come by.
     */
    public Switch addHeartbeatNetwork() {
        Switch network = lab.ethernetSwitch("hb");
        network.plug(lb1.host(), "eth1", "10.78.0.11/24");
        network.plug(lb2.host(), "eth1", "10.78.0.12/24");
        return network;
    }

    /**
     * Has the router and the real servers believe for good that the floating address is at the MAC {@code director} has, as neighbours do that hear no
     * announcement.
     */
    public void pinFloatingAddress(Director director) {
        String mac = director.host().run("cat", "/sys/class/net/eth0/address").strip();
        List<Host> believers = new ArrayList<>(List.of(router));
        webServers.forEach(server -> believers.add(server.host()));
        believers.forEach(
                host -> host.ip("neighbour", "replace", VIP, "lladdr", mac, "dev", "eth0", "nud", "permanent"));
    }

    /** Gives both directors the same file. */
    public void configure(String file, String text) {
        lb1.configure(file, text);
        lb2.configure(file, text);
    }

    /** The directors whose interfaces have the floating address now. */
    public List<Director> owners() {
        List<Director> owners = new ArrayList<>();
        for (Director director : List.of(lb1, lb2)) {
            if (director.holds(VIP)) {
                owners.add(director);
            }
        }
        return owners;
    }

    /** The addresses the client has; each is a user of its own to a persistent service. */
    public List<InetAddress> clientAddresses() {
        List<InetAddress> addresses = new ArrayList<>();
        for (int i = 0; i < CLIENT_ADDRESSES; i++) {
            addresses.add(address("203.0.113." + (100 + i)));
        }
        return addresses;
    }

    /** The weights in the tables of the directors that own the floating address, by {@code ADDRESS:PORT} of the real server. */
    public Map<String, Integer> weights() {
        Map<String, Integer> weights = new TreeMap<>();
        for (Director owner : owners()) {
            for (String line :
                    owner.tool("ipvsadm", "-L", "-n").output().lines().toList()) {
                String[] words = line.strip().split("\\s+");
                if (words.length == 6 && words[0].equals("->") && Character.isDigit(words[3].charAt(0))) {
                    weights.put(words[1], Integer.valueOf(words[3]));
                }
            }
        }
        return weights;
    }

    /** How many of the requests each server answered, by its name. */
    public static Map<String, Integer> answers(List<Request> requests) {
        Map<String, Integer> byServer = new TreeMap<>();
        requests.stream().filter(Request::answered).forEach(r -> byServer.merge(r.text(), 1, Integer::sum));
        return byServer;
    }

    /** Requests to the virtual service, one after the other, from all of the client's addresses in turn. */
    public List<Request> requests(int count) {
        return requests(clientAddresses(), count);
    }

    /** Requests to the virtual service, one after the other, from these of the client's addresses in turn. */
    public List<Request> requests(List<InetAddress> sources, int count) {
        Callable<List<Request>> code = () -> {
            List<Request> requests = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                requests.add(Request.get(sources.get(i % sources.size()), address(VIP), PORT, 2000));
            }
            return requests;
        };
        try {
            return client.call(code);
        } catch (Exception e) {
            throw new LabException("requests: " + e);
        }
    }

    /** A steady stream of requests to the virtual service. */
    public RequestStream stream(int intervalMillis) {
        return lab.with(new RequestStream(client, clientAddresses(), address(VIP), PORT, intervalMillis));
    }

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new AssertionError("a literal is never looked up", e);
        }
    }

    @Override
    public void close() {
        lab.close();
    }
}
