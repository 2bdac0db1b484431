package org.halvs.ha.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.Parsed;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;
import org.junit.jupiter.api.Test;

class HaresourcesTest {
    private static Parsed<List<ResourceGroup>> parse(String text) {
        return Haresources.parse("haresources", text, List.of("lb1", "lb2"));
    }

    private static List<ResourceGroup> groups(String text) {
        Parsed<List<ResourceGroup>> parsed = parse(text);
        return parsed.value().orElseThrow(() -> new AssertionError(parsed.problems()));
    }

    @Test
    void continuedLinesAreOneGroup() {
        List<ResourceGroup> groups = groups("""
                # of two directors

                LB1 \\
                        IPaddr2::173.1.2.3/24  \\
                    ldirectord
                lb2\t10.0.0.9/24/eth0 ldirectord::x.cf  Filesystem::/dev/sdb1::/data::ext3
                """);
        assertThat(groups)
                .containsExactly(
                        new ResourceGroup(
                                "lb1",
                                List.of(
                                        new ResourceSpec("IPaddr2", List.of("173.1.2.3/24"), "IPaddr2::173.1.2.3/24"),
                                        new ResourceSpec("ldirectord", List.of(), "ldirectord")),
                                3),
                        new ResourceGroup(
                                "lb2",
                                List.of(
                                        new ResourceSpec("IPaddr", List.of("10.0.0.9/24/eth0"), "10.0.0.9/24/eth0"),
                                        new ResourceSpec("ldirectord", List.of("x.cf"), "ldirectord::x.cf"),
                                        new ResourceSpec(
                                                "Filesystem",
                                                List.of("/dev/sdb1", "/data", "ext3"),
                                                "Filesystem::/dev/sdb1::/data::ext3")),
                                6));
        assertThat(parse("lb1 a").problems()).isEmpty();
    }

    @Test
    void aCommentOnAContinuationLineIsAComment() {
        Parsed<List<ResourceGroup>> parsed = parse("lb1 a \\\n b # the text \\\n c\nlb2 d # fine\n");
        assertThat(parsed.value().orElseThrow())
                .extracting(g -> g.resources().toString())
                .containsExactly("[a, b, c]", "[d]");
        assertThat(parsed.problems()).singleElement().satisfies(p -> {
            assertThat(p.severity()).isEqualTo(ConfigProblem.Severity.WARNING);
            assertThat(p.line()).isEqualTo(2);
        });
    }

    @Test
    void blanksBehindABackslash() {
        Parsed<List<ResourceGroup>> parsed = parse("lb1 a \\  \n  b\n");
        assertThat(parsed.value().orElseThrow().getFirst().resources()).hasSize(2);
        assertThat(parsed.problems()).hasSize(1);
    }

    @Test
    void theFileMayEndWithABackslash() {
        assertThat(groups("lb1 a \\").getFirst().resources()).hasSize(1);
        assertThat(groups("")).isEmpty();
    }

    @Test
    void problems() {
        Parsed<List<ResourceGroup>> parsed =
                parse("lb3 a\nlb1\nlb1 b\nlb2 b\nlb1 2001:db8::1/64\nlb1 IPaddr::300.1.1.1\nlb1 ::x\n");
        assertThat(parsed.value()).isEmpty();
        assertThat(parsed.errors())
                .extracting(ConfigProblem::line, ConfigProblem::message)
                .containsExactly(
                        tuple(1, "Bad nodename in haresources [lb3]"),
                        tuple(2, "a node without resources"),
                        tuple(4, "line 3 begins with the same resource, and groups are called by their first one"),
                        tuple(5, "heartbeat has no short form for an IPv6 address"),
                        tuple(6, "\"300.1.1.1\" is not an IP address"),
                        tuple(7, "no agent in front of \"::\""));
        assertThat(parsed.errors().getFirst().remedy()).isEqualTo("did you mean lb1?");
        assertThat(parsed.errors().get(3).remedy()).contains("IPv6addr::2001:db8::1/64");
    }

    @Test
    void anIpv6AddressStaysWhole() {
        ResourceSpec spec = groups("lb1 IPv6addr::2001:db8::1/64/eth0")
                .getFirst()
                .resources()
                .getFirst();
        assertThat(spec.arguments()).containsExactly("2001:db8::1/64/eth0");
    }

    @Test
    void anAddressInTwoGroupsIsWarnedOf() {
        assertThat(parse("lb1 a 10.0.0.1\nlb2 IPaddr2::10.0.0.1/24").problems())
                .singleElement()
                .satisfies(p -> assertThat(p.message()).isEqualTo("10.0.0.1 is named in line 1 already"));
    }

    @Test
    void anyTextIsRead() {
        java.util.Random random = new java.util.Random(11);
        String letters = "lb12 :::./\\\n#\tIPaddr2 10.0.0.1";
        for (int run = 0; run < 5000; run++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(80); i > 0; i--) {
                text.append(letters.charAt(random.nextInt(letters.length())));
            }
            Parsed<List<ResourceGroup>> parsed = parse(text.toString());
            assertThat(parsed.value().isPresent()).isEqualTo(parsed.errors().isEmpty());
        }
    }

    private static org.assertj.core.groups.Tuple tuple(Object... values) {
        return org.assertj.core.groups.Tuple.tuple(values);
    }
}
