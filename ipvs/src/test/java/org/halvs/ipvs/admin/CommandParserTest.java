package org.halvs.ipvs.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.TunnelOptions;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the recorded sessions do not reach: forms of libpopt, numbers as the C library reads them, the order in which errors are found. */
class CommandParserTest {
    private final NameService names = new MemoryNameService("http 80/tcp\n").withHost("rs1", IpAddress.of("10.0.2.11"));

    private ParsedCommand parse(String line) {
        return CommandParser.parse(List.of(line.split(" ")), names);
    }

    private AdminCommand accepted(String line) {
        return ((ParsedCommand.Accepted) parse(line)).command();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-A -t 1.2.3.4:80 --weight=3|2|Illegal 'weight' option with the 'add-service' command",
                "-L --numeric=yes|255|--numeric=yes: option does not take an argument",
                "-Lj|255|-Lj: unknown option",
                "-L --tcp-service|255|--tcp-service: missing argument",
                "-A -t 1.2.3.4:80 -D|2|invalid option `-D'",
                "-L -nD|2|invalid option `-nD'",
                "-A -t 17 -s rr|2|illegal virtual server address[:port] specified",
                "-a -t 1.2.3.4:80 -r [fd02::1]|2|illegal real server address[:port] specified",
                "-a -t 1.2.3.4:80 -r 1.2.3.5 -i --tun-port 5|2|Illegal 'tun-port' option with the 'ipip' tunnel type",
                "-a -t 1.2.3.4:80 -r 1.2.3.5 -i --tun-type gre --tun-csum --tun-nocsum|2|"
                        + "The option 'tun-csum' conflicts with the 'tun-nocsum' option in the 'gre' tunnel type",
                "-L --timeout --persistent-conn|2|options conflicts in the list command",
                "-L --timeout --daemon|2|The option 'daemon' conflicts with the 'timeout' option in the 'list' command",
                "-A -t 1.2.3.4:80 -n -w 3|2|Illegal 'numeric' option with the 'add-service' command",
                "--start-daemon master --mcast-group 10.0.0.1|2|invalid IPv4 mcast-group `10.0.0.1'",
                "--stop-daemon both|2|illegal start_daemon specified",
                "-A -f 4294967296|2|invalid fwmark value `4294967296' specified",
                "-A -u 1.2.3.4:http|2|illegal virtual server address[:port] specified",
                "-A -t 1.2.3.4:80 -p 2678401|2|invalid timeout value `2678401' specified",
                "what|255|Try `ipvsadm -h' or 'ipvsadm --help' for more information.",
            })
    void aWrongLineIsRefusedAsIpvsadmDoes(String line, int status, String message) {
        assertThat(parse(line)).isInstanceOfSatisfying(ParsedCommand.Refused.class, refused -> {
            assertThat(refused.message()).isEqualTo(message);
            assertThat(refused.exitStatus()).isEqualTo(status);
        });
    }

    @Test
    void valuesMayBeAttachedToShortOptions() {
        assertThat(accepted("-at1.2.3.4:80 -r=rs1:8080 -mw=3"))
                .isEqualTo(new AdminCommand.AddServer(
                        new ServiceKey.AddressKey(Protocol.TCP, IpAddress.of("1.2.3.4"), 80),
                        RealServer.of(IpAddress.of("10.0.2.11"), 8080, ForwardingMethod.MASQUERADE, 3)));
    }

    @Test
    void directRoutingForcesThePortOfTheServiceAndAMarkDoesNot() {
        AdminCommand.AddServer direct = (AdminCommand.AddServer) accepted("-a -t 1.2.3.4:80 -r rs1:8080 -g");
        AdminCommand.AddServer marked = (AdminCommand.AddServer) accepted("-a -f 7 -r rs1:8080 -g");
        assertThat(direct.server().port()).isEqualTo(80);
        assertThat(marked.server().port()).isEqualTo(8080);
    }

    @Test
    void aServerBeforeItsServiceDoesNotKnowThePortYet() {
        AdminCommand.AddServer server = (AdminCommand.AddServer) accepted("-a -r rs1 -t 1.2.3.4:80 -m");
        assertThat(server.server().port()).isZero();
    }

    @Test
    void persistenceTakesTheNextWordUnlessItIsAnOption() {
        AdminCommand.AddService plain = (AdminCommand.AddService) accepted("-A -t 1.2.3.4:80 -p -s rr");
        AdminCommand.AddService timed = (AdminCommand.AddService) accepted("-A -t 1.2.3.4:80 -p 60 -s rr");
        assertThat(plain.request().timeoutSeconds()).contains(360);
        assertThat(timed.request().timeoutSeconds()).contains(60);
    }

    @Test
    void aMaskBeforeAnIpv6ServiceIsForgotten() {
        AdminCommand.AddService service = (AdminCommand.AddService) accepted("-A -M 64 -t [fd01::1]:80 -p 5");
        assertThat(service.request().netmask()).isEqualTo(128);
    }

    @Test
    void tunnelOptionsReachTheServer() {
        AdminCommand.AddServer server = (AdminCommand.AddServer)
                accepted("-a -t 1.2.3.4:80 -r rs1 -i --tun-type gue --tun-port 6080 --tun-remcsum");
        assertThat(server.server().tunnel())
                .isEqualTo(new TunnelOptions(TunnelOptions.Type.GUE, 6080, TunnelOptions.Checksum.REMOTE));
    }

    @ParameterizedTest
    @CsvSource({
        "300,0.0.1.44",
        "10.1,10.0.0.1",
        "0x0a.010.1,10.8.0.1",
        "10.0.2.11,10.0.2.11",
        "4294967295,255.255.255.255"
    })
    void addressesHaveTheFormsOfTheCLibrary(String text, String address) {
        assertThat(CText.ipv4(text)).contains(IpAddress.of(address));
    }

    @ParameterizedTest
    @CsvSource({"300.1.1.1", "1.2.3.4.5", "10.", "08", "4294967296", "1.16777216", "x"})
    void otherTextsAreNoAddresses(String text) {
        assertThat(CText.ipv4(text)).isEmpty();
    }

    @Test
    void everythingAfterTwoDashesIsAnArgument() {
        assertThat(accepted("--set -- 1 2 3")).isEqualTo(new AdminCommand.SetTimeouts(1, 2, 3));
    }

    @Test
    void theSpecialSchedulersAreReadAndLeftToTheTable() {
        AdminCommand.AddService service = (AdminCommand.AddService) accepted("-A -t 1.2.3.4:80 -s nosuch");
        assertThat(service.request().service()).isEqualTo(Optional.empty());
    }
}
