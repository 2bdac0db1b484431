package org.halvs.ipvs.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.halvs.linux.IpAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Command lines beside the recorded ones, with what ipvsadm 1.31 made of them. */
class IpvsadmVariantsTest {
    private final MemoryBackend backend = new MemoryBackend(List.of("e0"), List.of());
    private final Ipvsadm ipvsadm = new Ipvsadm(new MemoryNameService("http 80/tcp\n"));

    private Outcome run(String line) {
        return ipvsadm.run(List.of(line.split(" ")), "", backend);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "-L -n=|255|-n=: option does not take an argument",
                "-Ln=c|255|-Ln=c: option does not take an argument",
                "-A -t 10.0.1.100:98 -p= 5|2|invalid timeout value `' specified",
                "-A -t=|2|illegal virtual server address[:port] specified",
                "-A -f 5 -w=|2|illegal weight specified",
                "-a -f 5 -r=|2|illegal real server address[:port] specified",
                "-A -t :80 -p 9|2|illegal virtual server address[:port] specified",
                "-a -t 10.0.1.100:80 -r :80|2|illegal real server address[:port] specified",
                "-L -c --syncid 3 -t 10.0.1.100:80|2|"
                        + "The option 'service-address' conflicts with the 'connection' option in the 'list' command",
                "-L --syncid 256|2|illegal syncid specified",
                "-L --syncid 3 -t 10.0.1.100:81|1|No such service",
            })
    void refusedAsByIpvsadm(String line, int status, String message) {
        assertThat(run(line)).isEqualTo(new Outcome("", message + "\n", status));
    }

    @Test
    void aListingTakesASyncIdAndIgnoresIt() {
        assertThat(run("-L --timeout --syncid 4")).isEqualTo(run("-L --timeout"));
        assertThat(run("-L --syncid 4")).isEqualTo(run("-L"));
    }

    @Test
    void largeMarksAreListedAndSortedAsSignedNumbers() {
        for (String mark : List.of("4294967295 -b flag-3", "5", "2147483648 -6")) {
            assertThat(run("-A -f " + mark).exitStatus()).isZero();
        }
        run("-A -t 10.0.1.100:97 -s wlc -p 7");
        assertThat(run("-S -n").stdout()).isEqualTo("""
                        -A -f -2147483648 -6 -s wlc
                        -A -f -1 -s wlc -b flag-3
                        -A -t 10.0.1.100:97 -s wlc -p 7
                        -A -f 5 -s wlc
                        """);
        assertThat(run("-Ln").stdout()).contains("FWM  -2147483648 IPv6 wlc\nFWM  -1 wlc (flag-3)\n");
        assertThat(RuleWriter.complete(backend.table(), new MemoryNameService("")))
                .contains("-A -f 4294967295 ");
    }

    @ParameterizedTest
    @CsvSource({
        "master,,1472,224.0.0.81",
        "backup,,1472,224.0.0.81",
        "backup,--sync-maxlen 500,1024,224.0.0.81",
        "master,--sync-maxlen 500,500,224.0.0.81",
        "master,--sync-maxlen 65507,65507,224.0.0.81",
        "master,--mcast-group ff02::5,1452,ff02::5",
        "backup,--mcast-group ff02::5 --sync-maxlen 65507,65487,ff02::5",
    })
    void theKernelSettlesTheLengthOfSyncMessages(String role, @Nullable String options, int length, String group) {
        String more = options == null ? "" : " " + options;
        assertThat(run("--start-daemon " + role + " --mcast-interface e0" + more)
                        .exitStatus())
                .isZero();
        assertThat(run("-L --daemon").stdout())
                .isEqualTo(role + " sync daemon (mcast=e0, syncid=0, maxlen=" + length + ", group=" + group
                        + ", port=8848, ttl=1)\n");
    }

    @Test
    void theThirdFlagOfAHashingSchedulerHasNoName() {
        run("-A -t 10.0.1.100:90 -s sh -b flag-3");
        run("-A -t 10.0.1.100:91 -s mh -b flag-1,flag-3");
        assertThat(run("-S -n").stdout())
                .isEqualTo("-A -t 10.0.1.100:90 -s sh -b \n-A -t 10.0.1.100:91 -s mh -b mh-fallback\n");
        assertThat(run("-Ln").stdout()).endsWith("TCP  10.0.1.100:90 sh ()\nTCP  10.0.1.100:91 mh (mh-fallback)\n");
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0,false",
        "0.0.0.16,true",
        "240.0.0.1,true",
        "239.1.1.1,false",
        "255.255.255.255,false",
        "fd02::1,true",
        "::1,true",
        "::,false",
        "fe80::1,false",
        "febf::1,false",
        "fec0::1,true",
        "ff02::1,false",
        "::ffff:10.0.2.11,false",
    })
    void realServersNeedAUnicastAddressThatIsNotLinkLocal(String address, boolean usable) {
        assertThat(MemoryBackend.isUnicast(IpAddress.of(address))).isEqualTo(usable);
    }
}
