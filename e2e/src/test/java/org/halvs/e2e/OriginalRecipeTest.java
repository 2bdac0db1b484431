package org.halvs.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.halvs.lab.Director;
import org.halvs.lab.Host;
import org.halvs.lab.IpipDecapsulator;
import org.halvs.lab.Lab;
import org.halvs.lab.Request;
import org.halvs.lab.Switch;
import org.halvs.lab.WebServer;
import org.junit.jupiter.api.Test;

/**
 * The recipe's files to the letter: host name and addresses as published, all real servers tunnelled in another network than the directors,
 * {@code quiescent=no}, persistent, wlc, tabs and blanks mixed.
 */
class OriginalRecipeTest extends LabTest {
    private static final String HARESOURCES = """
                lb1.xkyle.com \\
                        IPaddr2::173.1.2.3/24  \\
                    ldirectord
            """;

    private static final String LDIRECTORD_CF = """
            checktimeout=5
            checkinterval=1
            autoreload=yes
            quiescent=no
            virtual=173.1.2.3:80
            \t\treal=10.0.0.3:80 ipip
            \t\treal=10.0.0.4:80 ipip
            \tpersistent= 3600
            \t\tscheduler=wlc
            \t\tservice=http
            \t\tprotocol=tcp
            \t\tchecktype=negotiate
            \t\tcheckport=80
            """;

    private static final String HA_CF = """
            node lb1.xkyle.com lb2.xkyle.com
            ucast eth0 173.1.2.11
            ucast eth0 173.1.2.12
            auto_failback on
            """;

    @Test
    void carriesConnectionsThroughAFailover() throws Exception {
        try (Lab lab = Lab.open()) {
            Switch outside = lab.ethernetSwitch("outside");
            Switch inside = lab.ethernetSwitch("inside");
            Host router = lab.host("router");
            outside.plug(router, "eth0", "173.1.2.1/24");
            inside.plug(router, "eth1", "10.0.0.1/24");
            router.sysctl("net.ipv4.ip_forward", "1");
            Host client = lab.host("client");
            outside.plug(client, "eth0", "173.1.2.200/24");
            WebServer web3 = realServer(lab, inside, "web3", "10.0.0.3/24");
            WebServer web4 = realServer(lab, inside, "web4", "10.0.0.4/24");
            Director lb1 = director(lab, outside, "lb1.xkyle.com", "173.1.2.11/24");
            Director lb2 = director(lab, outside, "lb2.xkyle.com", "173.1.2.12/24");
            lb1.start();
            lb2.start();

            assertThat(Lab.eventually(30_000, () -> get(client, 1).getFirst().answered()))
                    .as(lb1::log)
                    .isTrue();
            String server = onlyServer(get(client, 10));
            assertThat(lb1.holds("173.1.2.3")).isTrue();
            assertThat(lb1.tool("ipvsadm", "-L", "-n").output())
                    .contains("TCP  173.1.2.3:80 wlc persistent 3600")
                    .contains("-> 10.0.0.3:80                  Tunnel");

            lb1.kill();
            assertThat(Lab.eventually(10_000, () -> lb2.holds("173.1.2.3")))
                    .as(lb2::log)
                    .isTrue();
            assertThat(Lab.eventually(5_000, () -> get(client, 1).getFirst().answered()))
                    .as(lb2::log)
                    .isTrue();

            WebServer sticky = server.equals("web3") ? web3 : web4;
            sticky.stop();
            assertThat(Lab.eventually(
                            5_000,
                            () -> !lb2.tool("ipvsadm", "-L", "-n").output().contains(addressOf(sticky))))
                    .as("a dead server leaves the table")
                    .isTrue();
            assertThat(Lab.eventually(
                            5_000,
                            () -> onlyServer(get(client, 5))
                                    .equals(other(sticky, web3, web4).host().name())))
                    .as("its clients go to the other one")
                    .isTrue();
        }
    }

    private static WebServer other(WebServer one, WebServer a, WebServer b) {
        return one.host().name().equals(a.host().name()) ? b : a;
    }

    private static String addressOf(WebServer server) {
        return server.host().name().equals("web3") ? "10.0.0.3:80" : "10.0.0.4:80";
    }

    private static WebServer realServer(Lab lab, Switch network, String name, String prefix) {
        Host host = lab.host(name);
        network.plug(host, "eth0", prefix);
        host.ip("route", "add", "default", "via", "10.0.0.1");
        host.sysctl("net.ipv4.conf.all.rp_filter", "0");
        lab.with(IpipDecapsulator.start(host.namespace(), "tunl0"));
        host.ip("address", "add", "173.1.2.3/32", "dev", "lo");
        return WebServer.start(host, 80);
    }

    private static Director director(Lab lab, Switch network, String name, String prefix) {
        Host host = lab.host(name);
        network.plug(host, "eth0", prefix);
        host.ip("route", "add", "default", "via", "173.1.2.1");
        Director director = new Director(host, DISTRIBUTION);
        director.configure("ha.cf", HA_CF);
        director.configure("authkeys", "auth 1\n1 md5 secret\n");
        director.configure("haresources", HARESOURCES);
        director.configure("ldirectord.cf", LDIRECTORD_CF);
        return director;
    }

    private static List<Request> get(Host client, int count) {
        try {
            return client.call(() -> {
                InetAddress source = InetAddress.getByName("173.1.2.200");
                InetAddress virtual = InetAddress.getByName("173.1.2.3");
                List<Request> requests = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    requests.add(Request.get(source, virtual, 80, 2000));
                }
                return requests;
            });
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** The one server that answered all of them; a client of a persistent service sees no other. */
    private static String onlyServer(List<Request> requests) {
        List<String> servers = requests.stream()
                .filter(Request::answered)
                .map(Request::text)
                .distinct()
                .toList();
        return servers.size() == 1 ? servers.getFirst() : "";
    }
}
