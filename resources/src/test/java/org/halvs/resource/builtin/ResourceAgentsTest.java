package org.halvs.resource.builtin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.halvs.linux.AddressChange;
import org.halvs.linux.ArpFrame;
import org.halvs.linux.InterfaceAddress;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;
import org.halvs.linux.MemoryLinkLayerSocket;
import org.halvs.linux.MemoryRtnetlink;
import org.halvs.linux.Route;
import org.halvs.resource.ActionResult;
import org.halvs.resource.ResourceAgent;
import org.halvs.resource.ResourceSpec;
import org.halvs.resource.address.AddressAgent;
import org.halvs.resource.address.AddressJournal;
import org.halvs.resource.address.Announcer;
import org.halvs.resource.address.FloatingAddresses;
import org.halvs.resource.script.ScriptAgent;
import org.halvs.resource.script.ScriptEnvironment;
import org.halvs.resource.script.ScriptLimits;
import org.halvs.resource.script.ScriptLookup;
import org.halvs.resource.script.ScriptRunner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which agent a resource gets, and what the small ones do, on a host in memory. */
class ResourceAgentsTest {
    private static final MacAddress MAC = new MacAddress(0x02000000_0001L);

    @TempDir
    private Path directory;

    private final MemoryRtnetlink host = new MemoryRtnetlink();
    private final MemoryLinkLayerSocket socket = new MemoryLinkLayerSocket();
    private final Announcer announcer = new Announcer(socket);
    private final List<String> told = new ArrayList<>();
    private ResourceAgents agents;

    @BeforeEach
    void host() throws IOException {
        host.addLink(1, "lo", new MacAddress(0));
        host.addLink(2, "eth0", MAC);
        host.apply(List.of(new AddressChange.Add(InterfaceAddress.of(2, IpAddress.of("192.0.2.1"), 24))));
        host.addRoute(new Route(
                IpAddress.ANY_IPV4,
                0,
                OptionalInt.of(2),
                Optional.of(IpAddress.of("192.0.2.254")),
                Optional.of(IpAddress.of("192.0.2.1")),
                0,
                0,
                Route.MAIN,
                Route.Type.UNICAST,
                InterfaceAddress.Scope.GLOBAL));
        ScriptLookup lookup = new ScriptLookup(
                directory.resolve("resource.d"), directory.resolve("init.d"), directory.resolve("ocf"));
        Files.createDirectories(lookup.resourceDirectory());
        agents = new ResourceAgents(
                new FloatingAddresses(
                        host,
                        announcer,
                        AddressJournal.open(directory.resolve("addresses")),
                        _ -> false,
                        Optional.empty()),
                host,
                announcer,
                new ResourceAgents.Scripts(
                        lookup,
                        new ScriptRunner(directory),
                        ScriptEnvironment.of(directory, "alice"),
                        ScriptLimits.DEFAULT),
                new ResourceAgents.Surroundings(
                        (recipients, subject, body) -> told.add(String.join(" ", recipients) + ": " + subject),
                        new PortBlocks(() -> {
                            throw new IllegalStateException("no ports are blocked here");
                        }),
                        role -> told.add("role " + role)));
    }

    @AfterEach
    void close() {
        announcer.close();
    }

    private ResourceAgents.Choice choice(String text) {
        String[] words = text.split("::");
        return agents.agentOf(new ResourceSpec(words[0], List.of(words).subList(1, words.length), text));
    }

    private ResourceAgent agent(String text) {
        return ((ResourceAgents.Choice.Agent) choice(text)).agent();
    }

    private void script(String name, String text) throws IOException {
        Path file = directory.resolve("resource.d").resolve(name);
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void ourAgentGoesBeforeHeartbeatsWrapperAndTheSitesScriptBeforeOurs() throws IOException {
        assertThat(agent("IPaddr2::192.0.2.10")).isInstanceOf(AddressAgent.class);
        script("IPaddr2", "#!/bin/sh\n. /etc/ha.d/resource.d//hto-mapfuncs\n");
        assertThat(agent("IPaddr2::192.0.2.10")).isInstanceOf(AddressAgent.class);
        script("IPaddr2", "#!/bin/sh\n# our own, also updates the firewall\n");
        assertThat(choice("IPaddr2::192.0.2.10")).isInstanceOfSatisfying(ResourceAgents.Choice.Agent.class, chosen -> {
            assertThat(chosen.agent()).isInstanceOf(ScriptAgent.class);
            assertThat(chosen.note().orElseThrow())
                    .isEqualTo("IPaddr2: the site's own " + directory.resolve("resource.d/IPaddr2")
                            + " is used instead of the built-in agent");
        });
    }

    @Test
    void heartbeatsOwnWrapperIsNotUsedAndTheUnknownIsMissing() throws IOException {
        assertThat(choice("httpd")).isInstanceOf(ResourceAgents.Choice.Missing.class);
        script("MailTo", "#!/bin/sh\n. /etc/ha.d/resource.d//hto-mapfuncs\n");
        assertThat(agent("MailTo::root")).isInstanceOf(MailAgent.class);
    }

    @Test
    void aMailIsSentWhenTheGroupComesAndWhenItGoes() {
        ResourceAgent mail = agent("MailTo::root,admin@example.org::web");
        assertThat(mail.stop()).isEqualTo(ActionResult.done());
        assertThat(mail.start()).isEqualTo(ActionResult.done());
        assertThat(mail.status()).isEqualTo(ActionResult.done());
        assertThat(mail.stop()).isEqualTo(ActionResult.done());
        assertThat(told).hasSize(2);
        assertThat(told.getFirst())
                .startsWith("root admin@example.org: web Takeover in progress at ")
                .endsWith(" on alice");
        assertThat(told.getLast()).startsWith("root admin@example.org: web Migrating resource away at ");
        assertThat(agent("MailTo").start()).isInstanceOf(ActionResult.Failed.class);
    }

    @Test
    void theSyncRoleFollowsTheGroup() {
        ResourceAgent sync = agent("LVSSyncDaemonSwap::master");
        sync.stop();
        sync.start();
        sync.stop();
        assertThat(told).containsExactly("role MASTER", "role BACKUP");
        assertThat(agent("LVSSyncDaemonSwap::primary").start()).isInstanceOf(ActionResult.Failed.class);
    }

    @Test
    void wrongArgumentsOfPortblockAreSaid() {
        assertThat(agent("portblock::tcp::http::block").start())
                .isEqualTo(new ActionResult.Failed(2, "portblock: 'http' is not a port; names are not looked up here"));
        assertThat(agent("portblock::icmp::80::block").start())
                .isEqualTo(new ActionResult.Failed(2, "portblock: 'icmp' is neither tcp nor udp"));
        assertThat(agent("portblock::tcp::80::unblock").stop()).isEqualTo(ActionResult.done());
    }

    @Test
    void theSourceOfConnectionsIsTheFloatingAddressWhileItIsHeld() {
        ResourceAgent address = agent("IPaddr2::192.0.2.10");
        ResourceAgent source = agent("IPsrcaddr::192.0.2.10");
        assertThat(source.start()).isInstanceOf(ActionResult.Failed.class);
        assertThat(address.start()).isEqualTo(ActionResult.done());
        assertThat(source.status()).isEqualTo(new ActionResult.NotRunning());
        assertThat(source.start()).isEqualTo(ActionResult.done());
        assertThat(source.start()).isEqualTo(ActionResult.done());
        assertThat(source.status()).isEqualTo(ActionResult.done());
        assertThat(preferred()).hasValue(IpAddress.of("192.0.2.10"));
        assertThat(source.stop()).isEqualTo(ActionResult.done());
        assertThat(preferred()).hasValue(IpAddress.of("192.0.2.1"));
        assertThat(source.start()).isEqualTo(ActionResult.done());
        // out of order, as a cleanup after a crash would: the default route must survive
        assertThat(address.stop()).isEqualTo(ActionResult.done());
        assertThat(preferred()).isEmpty();
    }

    private Optional<IpAddress> preferred() {
        return host.route(IpAddress.of("8.8.8.8")).orElseThrow().preferredSource();
    }

    @Test
    void sendArpAnnouncesOnTheNamedInterface() throws InterruptedException {
        assertThat(agent("SendArp::192.0.2.10").start()).isInstanceOf(ActionResult.Failed.class);
        assertThat(agent("SendArp::192.0.2.10/eth9").start()).isInstanceOf(ActionResult.Failed.class);
        ResourceAgent sendArp = agent("SendArp::192.0.2.10/eth0");
        assertThat(sendArp.start()).isEqualTo(ActionResult.done());
        assertThat(sendArp.status()).isEqualTo(ActionResult.done());
        long deadline = System.nanoTime() + 5_000_000_000L;
        while (socket.sent().size() < 2) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(1);
        }
        assertThat(sendArp.stop()).isEqualTo(ActionResult.done());
        assertThat(ArpFrame.parse(socket.sent().getFirst().bytes()))
                .hasValue(ArpFrame.gratuitousRequest(MAC, IpAddress.of("192.0.2.10")));
        assertThat(sendArp.status()).isEqualTo(new ActionResult.NotRunning());
    }

    @Test
    void delayWaits() {
        ResourceAgent delay = agent("Delay::0.05::0");
        long start = System.nanoTime();
        assertThat(delay.start()).isEqualTo(ActionResult.done());
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(50_000_000);
        assertThat(delay.status()).isEqualTo(ActionResult.done());
        assertThat(delay.stop()).isEqualTo(ActionResult.done());
        assertThat(delay.status()).isEqualTo(new ActionResult.NotRunning());
        assertThat(agent("Delay::soon").start())
                .isEqualTo(new ActionResult.Failed(2, "Delay: 'soon' is not a number of seconds from 0 to 3600"));
    }
}
