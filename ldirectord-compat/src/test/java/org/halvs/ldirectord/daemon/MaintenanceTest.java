package org.halvs.ldirectord.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halvs.director.PlanText;
import org.halvs.director.ServerAddress;
import org.halvs.director.ServicePlan;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;

class MaintenanceTest {
    private static final ServicePlan PLAN = PlanText.plan(List.of(
            "virtual 192.0.2.10:8080",
            "real 127.0.0.2:80 gate 1",
            "real 127.0.0.2:443 masq 1",
            "real 127.0.0.3:80 gate 1"));
    private static final Map<IpAddress, String> NAMES =
            Map.of(IpAddress.of("127.0.0.2"), "web2.example.test", IpAddress.of("127.0.0.3"), "Web3.example.test");

    private static List<String> found(String... files) {
        return Maintenance.match(PLAN, List.of(files), address -> Optional.ofNullable(NAMES.get(address)))
                .entrySet()
                .stream()
                .map(entry -> entry.getKey().address() + ":" + entry.getKey().port() + " by " + entry.getValue())
                .toList();
    }

    @Test
    void addressesWithAndWithoutPort() {
        assertThat(found("127.0.0.2:80")).containsExactly("127.0.0.2:80 by 127.0.0.2:80");
        assertThat(found("127.0.0.2"))
                .containsExactly("127.0.0.2:80 by 127.0.0.2", "127.0.0.2:443 by 127.0.0.2");
        assertThat(found("127.0.0.2:8080")).as("the mapped port is nobody's name").isEmpty();
        assertThat(found()).isEmpty();
    }

    @Test
    void namesWholeAndBrief() {
        assertThat(found("web2.example.test:443")).containsExactly("127.0.0.2:443 by web2.example.test:443");
        assertThat(found("web2:80", "junk")).containsExactly("127.0.0.2:80 by web2:80");
        assertThat(found("web2")).hasSize(2);
        assertThat(found("Web3")).as("names begin with a lower-case letter").isEmpty();
    }

    @Test
    void ipv6StandsInBrackets() {
        ServerAddress server = new ServerAddress(IpAddress.of("2001:db8::2"), 80);
        assertThat(Maintenance.candidates(server, Optional.of("host.test")))
                .containsExactly(
                        "[2001:db8::2]:80", "[2001:db8::2]", "host.test:80", "host.test", "host:80", "host");
    }

    @Test
    void namesAreLookedUpOnlyWhenAFileCouldBeOne() {
        assertThat(Maintenance.wantsNames(List.of("127.0.0.2", "[2001:db8::2]"))).isFalse();
        assertThat(Maintenance.wantsNames(List.of("127.0.0.2", "web"))).isTrue();
    }
}
