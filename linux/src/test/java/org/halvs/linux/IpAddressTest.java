package org.halvs.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.1",
        "0.0.0.0, 0.0.0.0",
        "255.255.255.255, 255.255.255.255",
        "::, ::",
        "::1, ::1",
        "1::, 1::",
        "2001:db8::1, 2001:db8::1",
        "2001:DB8:0:0:0:0:0:1, 2001:db8::1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "1:0:0:2:0:0:0:3, 1:0:0:2::3",
        "fe80:0:0:0:0:0:0:0, fe80::",
        "::ffff:192.0.2.1, ::ffff:192.0.2.1",
        "64:ff9b::192.0.2.33, 64:ff9b::c000:221"
    })
    void readsAndWritesTheCanonicalForm(String text, String canonical) {
        assertThat(IpAddress.of(text)).hasToString(canonical);
        assertThat(IpAddress.of(canonical)).isEqualTo(IpAddress.of(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.256",
                "1.2.3.-4",
                "1.2.3.4 ",
                "a.b.c.d",
                "1.2.3.0x4",
                "0001.2.3.4",
                ":",
                ":::",
                "1::2::3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7:8::",
                "g::1",
                "12345::",
                "[::1]",
                "fe80::1%eth0",
                "::1.2.3",
                "1:",
                ":1",
                "host.example"
            })
    void refusesEverythingElse(String text) {
        assertThat(IpAddress.parse(text)).isEmpty();
    }

    @Test
    void agreesWithTheJdkOnRandomAddresses() throws Exception {
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
            random.nextBytes(bytes);
            for (int zero = random.nextInt(bytes.length); zero < bytes.length && random.nextInt(4) > 0; zero++) {
                bytes[zero] = 0;
            }
            IpAddress address = IpAddress.ofBytes(bytes);
            assertThat(address.bytes()).isEqualTo(bytes);
            assertThat(IpAddress.of(address.toString())).isEqualTo(address);
            assertThat(address.toInetAddress()).isEqualTo(InetAddress.getByAddress(bytes));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.77, 24, 192.0.2.0",
        "192.0.2.77, 32, 192.0.2.77",
        "192.0.2.77, 0, 0.0.0.0",
        "255.255.255.255, 9, 255.128.0.0",
        "2001:db8:1:2:3:4:5:6, 64, 2001:db8:1:2::",
        "2001:db8:1:2:3:4:5:6, 72, 2001:db8:1:2::",
        "2001:db8:1:2:3:4:5:6, 128, 2001:db8:1:2:3:4:5:6",
        "2001:db8:1:2:3:4:5:6, 0, ::"
    })
    void masks(String address, int prefixLength, String network) {
        assertThat(IpAddress.of(address).masked(prefixLength)).hasToString(network);
        assertThat(IpAddress.of(address).inSamePrefix(IpAddress.of(network), prefixLength))
                .isTrue();
    }

    @Test
    void sortsAsIpvsadmLists() {
        List<String> sorted = Stream.of("2001:db8::1", "10.0.0.2", "192.0.2.1", "::1", "10.0.0.10")
                .map(IpAddress::of)
                .sorted()
                .map(IpAddress::toString)
                .toList();
        assertThat(sorted).containsExactly("10.0.0.2", "10.0.0.10", "192.0.2.1", "::1", "2001:db8::1");
    }
}
