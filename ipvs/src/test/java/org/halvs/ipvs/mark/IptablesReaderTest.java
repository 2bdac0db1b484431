package org.halvs.ipvs.mark;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.admin.MemoryNameService;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;

class IptablesReaderTest {
    private static final MarkRule.Network VIP = new MarkRule.Network(IpAddress.of("192.0.2.10"), 32);

    private static IptablesReader.Marks read(String text) {
        return IptablesReader.read(text, IpAddress.Family.IPV4, new MemoryNameService("https 443/tcp\n"));
    }

    private static long mark(MarkTable table, String destination, int protocol, int port) {
        IpAddress address = IpAddress.of(destination);
        return table.mark(address.isIpv4(), 0, 0xc6336401L, address.high(), address.low(), protocol, port, 2);
    }

    @Test
    void theManualsCommandsAreRead() {
        IptablesReader.Marks marks = read("""
                # HTTP and HTTPS as one service, broken as the manual prints it
                /sbin/modprobe ip_tables
                /sbin/iptables -t mangle -A PREROUTING -p tcp -d 192.0.2.10/32 --dport 80 -j MARK
                --set-mark 80
                /sbin/iptables -t mangle -A PREROUTING -p tcp \\
                    -d 192.0.2.10/32 --dport https -j MARK --set-mark 80
                /sbin/iptables -t mangle -A PREROUTING -p tcp -d 192.0.2.10/32 --dport 10000:20000 -j MARK --set-mark 21
                /sbin/iptables -t nat -A POSTROUTING -p tcp -s 10.11.12.0/24 --sport 20 -j MASQUERADE
                """);
        assertThat(marks.problems()).isEmpty();
        assertThat(marks.rules())
                .isEqualTo(List.of(
                        MarkRule.of(6, VIP, 80, 80, 80),
                        MarkRule.of(6, VIP, 443, 443, 80),
                        MarkRule.of(6, VIP, 10000, 20000, 21)));
    }

    @Test
    void savedRulesAreRead() {
        IptablesReader.Marks marks = read("""
                *mangle
                :PREROUTING ACCEPT [0:0]
                [12:3456] -A PREROUTING -d 192.0.2.10/32 -i eth+ -p tcp -m multiport --dports 80,443 -m comment \
                --comment "the shop" -j MARK --set-xmark 0x50/0xffffffff
                -A PREROUTING -s 198.51.100.0/255.255.255.0 -j MARK --set-xmark 0x100/0x100
                -A FORWARD -p tcp -j TCPMSS --clamp-mss-to-pmtu
                COMMIT
                *filter
                -A INPUT -p tcp --dport 22 -j ACCEPT
                COMMIT
                """);
        assertThat(marks.problems()).isEmpty();
        assertThat(marks.rules()).hasSize(3);
        assertThat(marks.rules().getFirst().interfaceName()).isEqualTo(Optional.of("eth+"));
        MarkTable table = new MarkTable(marks.rules(), name -> name.equals("eth+") ? 1L << 2 : 0);
        assertThat(mark(table, "192.0.2.10", 6, 80)).isEqualTo(0x150);
        assertThat(mark(table, "192.0.2.10", 6, 81)).isEqualTo(0x100);
        assertThat(mark(table, "192.0.2.10", 17, 80)).isEqualTo(0x100);
    }

    @Test
    void whatCannotBeFollowedIsTold() {
        IptablesReader.Marks marks = read("""
                iptables -t mangle -A PREROUTING -p tcp ! -d 192.0.2.10 -j MARK --set-mark 1
                iptables -t mangle -A PREROUTING -p tcp -m state --state NEW -j MARK --set-mark 1
                iptables -t mangle -D PREROUTING -p tcp -j MARK --set-mark 1
                iptables -t mangle -A PREROUTING -p tcp --dport nosuch -j MARK --set-mark 1
                iptables -t mangle -A PREROUTING -p tcp -j MARK --set-mark one
                """);
        assertThat(marks.rules()).isEmpty();
        assertThat(marks.problems()).hasSize(5);
        assertThat(marks.problems().getFirst()).startsWith("1: a mark that depends on \"!\"");
        assertThat(marks.problems().get(3)).isEqualTo("4: unknown port nosuch");
    }

    @Test
    void insertedAndFlushedRulesKeepTheirPlaces() {
        IptablesReader.Marks marks = read("""
                iptables -t mangle -A PREROUTING -d 192.0.2.9 -j MARK --set-mark 9
                iptables -t mangle -F PREROUTING
                iptables -t mangle -A PREROUTING -d 192.0.2.10 -j MARK --set-mark 1
                iptables -t mangle -I PREROUTING -d 192.0.2.10 -j MARK --set-mark 2
                iptables -t mangle -I PREROUTING 2 -d 192.0.2.10 -j MARK --set-mark 3
                """);
        assertThat(marks.rules()).extracting(MarkRule::flip).containsExactly(2L, 3L, 1L);
        // the last one that matches sets the mark
        assertThat(mark(new MarkTable(marks.rules(), _ -> 0), "192.0.2.10", 6, 1))
                .isEqualTo(1);
    }

    @Test
    void framesAreMarkedByTheirHeaders() {
        MarkTable table = new MarkTable(
                List.of(
                        MarkRule.of(6, new MarkRule.Network(IpAddress.of("10.0.1.0"), 24), 2036, 2037, 7),
                        MarkRule.of(6, new MarkRule.Network(IpAddress.of("fd01::"), 16), 80, 80, 8)),
                _ -> 0);
        String ethernet = "020000000101020000000102";
        String ipv4 = "4500002801cd40004006498cc6121e010a000164";
        String ports = "9c4107f4000003e900001b595010faf001f50000";
        assertThat(mark(table, ethernet + "0800" + ipv4 + ports)).isEqualTo(7);
        assertThat(mark(table, ethernet + "81000005" + "0800" + ipv4 + ports)).isEqualTo(7);
        // a later fragment has no ports
        assertThat(mark(table, ethernet + "0800" + ipv4.replace("4000", "00b9") + ports))
                .isZero();
        String addresses = "20010db8000000000000000000000001" + "fd010000000000000000000000000100";
        assertThat(mark(table, ethernet + "86dd" + "6000000000140640" + addresses + "c3500050" + "0".repeat(32)))
                .isEqualTo(8);
        // destination options before TCP
        assertThat(mark(
                        table,
                        ethernet + "86dd" + "60000000001c3c40" + addresses + "0600010400000000" + "c3500050"
                                + "0".repeat(32)))
                .isEqualTo(8);
        assertThat(mark(table, ethernet + "0806" + "00".repeat(40))).isZero();
        assertThat(mark(table, ethernet + "0800")).isZero();
    }

    private static long mark(MarkTable table, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(bytes.length + 3L);
            MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 3, bytes.length);
            return table.mark(segment, 3, bytes.length, 2);
        }
    }
}
