package org.halvs.ipvs.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RulesFileBackendTest {
    @TempDir
    private Path folder;

    private final NameService names = new MemoryNameService("http 80/tcp\n");

    private Outcome run(Path file, String line) throws IOException {
        return new Ipvsadm(names).run(Arrays.asList(line.split(" ")), "", RulesFileBackend.open(file, names));
    }

    @Test
    void everyCommandFindsWhatTheOneBeforeLeft() throws IOException {
        Path file = folder.resolve("ipvsadm.rules");
        assertThat(run(file, "-A -t 10.0.1.1:http -s wrr").exitStatus()).isZero();
        assertThat(run(file, "-a -t 10.0.1.1:80 -r 10.0.2.12 -m -x 9 -y 3").exitStatus())
                .isZero();
        assertThat(run(file, "-a -t 10.0.1.1:80 -r 10.0.2.11 -i").exitStatus()).isZero();
        assertThat(Files.readString(file)).isEqualTo("""
                        -A -t 10.0.1.1:80 -s wrr
                        -a -t 10.0.1.1:80 -r 10.0.2.12:80 -m -w 1 -x 9 -y 3
                        -a -t 10.0.1.1:80 -r 10.0.2.11:80 -i -w 1 --tun-type ipip
                        """);
        assertThat(run(file, "-a -t 10.0.1.1:80 -r 10.0.2.11 -i"))
                .isEqualTo(new Outcome("", "Destination already exists\n", 255));
        assertThat(run(file, "-S -n").stdout())
                .startsWith("-A -t 10.0.1.1:80 -s wrr\n-a -t 10.0.1.1:80 -r 10.0.2.11:80");
        assertThat(run(file, "-C").exitStatus()).isZero();
        assertThat(Files.readString(file)).isEmpty();
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void aBrokenFileIsLeftAlone() throws IOException {
        Path file =
                Files.writeString(folder.resolve("rules"), "-A -t 10.0.1.1:80\n-a -t 10.0.1.1:81 -r 10.0.2.1\n-L\n");
        assertThatThrownBy(() -> RulesFileBackend.open(file, names))
                .isInstanceOf(IOException.class)
                .hasMessage(file + ":2: Service not defined\n" + file
                        + ":3: only commands that change the table can stand among rules");
    }

    @Test
    void theMachinesOwnNamesAreKnown() {
        NameService system = new SystemNameService();
        assertThat(system.address("127.0.0.1")).contains(IpAddress.of("127.0.0.1"));
        assertThat(system.address("no such host")).isEmpty();
    }

    @Test
    void anEngineOrNetmaskWithoutPersistenceIsAcceptedAndOnlyTheEngineIsSaved() throws IOException {
        Path file = folder.resolve("engine");
        Ipvsadm ipvsadm = new Ipvsadm(new MemoryNameService(""));
        RulesFileBackend backend = RulesFileBackend.open(file, new MemoryNameService(""));
        assertThat(ipvsadm.run(List.of("-A", "-u", "192.0.2.1:84", "-s", "rr", "--pe", "sip", "-o"), "", backend)
                        .exitStatus())
                .isZero();
        assertThat(ipvsadm.run(List.of("-A", "-t", "192.0.2.1:83", "-M", "255.255.255.0"), "", backend)
                        .exitStatus())
                .isZero();
        assertThat(ipvsadm.run(List.of("-Ln"), "", backend).stdout())
                .contains("UDP  192.0.2.1:84 rr ops\n")
                .contains("TCP  192.0.2.1:83 wlc\n");
        String saved = "-A -t 192.0.2.1:83 -s wlc\n-A -u 192.0.2.1:84 -s rr --pe sip -o\n";
        assertThat(ipvsadm.run(List.of("-Sn"), "", backend).stdout()).isEqualTo(saved);
        RulesFileBackend again = RulesFileBackend.open(file, new MemoryNameService(""));
        assertThat(ipvsadm.run(List.of("-Sn"), "", again).stdout()).isEqualTo(saved);
        assertThat(ipvsadm.run(List.of("-E", "-u", "192.0.2.1:84", "-s", "rr"), "", backend)
                        .exitStatus())
                .isZero();
        assertThat(ipvsadm.run(List.of("-Sn"), "", backend).stdout()).doesNotContain("sip");
    }
}
