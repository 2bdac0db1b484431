package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.List;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.Udp;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** AH and ESP that the guard keeps from the local stack though no key exchange has a connection. What a connection decides is in the transcripts. */
class IpsecPathTest {
    private static final IpAddress CLIENT = IpAddress.of("198.18.50.1");
    private static final IpAddress CLIENT6 = IpAddress.of("fd18::50:1");

    private final DirectorLab lab = new DirectorLab();

    private void serve(IpAddress vip, int port, IpAddress server) {
        ServiceKey key = new ServiceKey.AddressKey(Protocol.UDP, vip, port);
        lab.service(VirtualService.of(key, SchedulerKind.RR));
        lab.addServer(key, RealServer.of(server, port, ForwardingMethod.MASQUERADE, 1));
    }

    private List<DirectorLab.Sent> request(IpAddress vip, int protocol) {
        IpAddress client = vip.isIpv4() ? CLIENT : CLIENT6;
        return lab.send(DirectorLab.CLIENT_SIDE, Frames.ip(DirectorLab.CLIENT_SIDE, client, vip, protocol, payload()));
    }

    /** An authentication header with nothing behind it, or so many bytes of something encrypted. */
    private static byte[] payload() {
        byte[] bytes = new byte[40];
        bytes[0] = 59;
        bytes[1] = 8;
        return bytes;
    }

    private List<DirectorLab.Sent> reply(IpAddress server, int protocol) {
        IpAddress client = server.isIpv4() ? CLIENT : CLIENT6;
        return lab.send(
                DirectorLab.SERVER_SIDE, Frames.ip(DirectorLab.SERVER_SIDE, server, client, protocol, payload()));
    }

    @ParameterizedTest
    @ValueSource(ints = {IpProtocol.ESP, IpProtocol.AH})
    void whatIsWithheldGoesToTheStackAfterAll(int protocol) {
        serve(DirectorLab.VIP, Udp.ISAKMP, DirectorLab.server(1));
        byte[] frame = Frames.ip(DirectorLab.CLIENT_SIDE, CLIENT, DirectorLab.VIP, protocol, payload());
        assertThat(lab.send(DirectorLab.CLIENT_SIDE, frame)).singleElement().satisfies(sent -> {
            assertThat(sent.locally()).isTrue();
            assertThat(sent.frame()).isEqualTo(frame);
        });
        assertThat(lab.lastVerdict).isEqualTo(Verdict.Accepted.FORWARDED);
    }

    @ParameterizedTest
    @ValueSource(ints = {53, 4500})
    void whatIsNotWithheldIsNotGivenTwice(int port) {
        serve(DirectorLab.VIP, port, DirectorLab.server(1));
        assertThat(request(DirectorLab.VIP, IpProtocol.ESP)).isEmpty();
        assertThat(lab.lastVerdict).isEqualTo(Verdict.Accepted.LOCAL);
        assertThat(reply(DirectorLab.server(1), IpProtocol.ESP)).isEmpty();
        assertThat(lab.lastVerdict).isEqualTo(Verdict.Accepted.LOCAL);
    }

    /** The header of an IPv6 packet says what comes next; IPVS looks behind AH. */
    @Test
    void authenticatedIpv6PacketsAreNoneOfOurs() {
        serve(DirectorLab.VIP6, Udp.ISAKMP, DirectorLab.server6(1));
        assertThat(request(DirectorLab.VIP6, IpProtocol.ESP)).singleElement().matches(DirectorLab.Sent::locally);
        assertThat(request(DirectorLab.VIP6, IpProtocol.AH)).isEmpty();
        assertThat(lab.lastVerdict).isEqualTo(Verdict.Accepted.LOCAL);
    }

    @Test
    void aDatagramInFragmentsIsGivenToTheStackWhole() {
        serve(DirectorLab.VIP, Udp.ISAKMP, DirectorLab.server(1));
        byte[] first = Frames.ip(DirectorLab.CLIENT_SIDE, CLIENT, DirectorLab.VIP, IpProtocol.ESP, new byte[40]);
        byte[] last = first.clone();
        fragment(first, Ipv4.MORE_FRAGMENTS);
        fragment(last, 5);
        assertThat(lab.send(DirectorLab.CLIENT_SIDE, first)).isEmpty();
        assertThat(lab.lastVerdict).isEqualTo(Verdict.Accepted.HELD);
        assertThat(lab.send(DirectorLab.CLIENT_SIDE, last)).singleElement().satisfies(sent -> {
            assertThat(sent.locally()).isTrue();
            assertThat(sent.frame()).hasSize(14 + 20 + 80);
        });
    }

    private static void fragment(byte[] frame, int field) {
        frame[20] = (byte) (field >>> 8);
        frame[21] = (byte) field;
        Ipv4.writeChecksum(MemorySegment.ofArray(frame), 14);
    }

    @Test
    void whatIsWithheldOfAServerIsRouted() {
        lab.forwards = true;
        lab.processor.network(lab.network());
        serve(DirectorLab.VIP, Udp.ISAKMP, DirectorLab.server(1));
        serve(DirectorLab.VIP, 0, DirectorLab.server(2));
        for (int number = 1; number <= 2; number++) {
            IpAddress server = DirectorLab.server(number);
            assertThat(reply(server, IpProtocol.ESP)).singleElement().satisfies(sent -> {
                assertThat(sent.interfaceIndex()).isEqualTo(DirectorLab.CLIENT_SIDE);
                assertThat(sent.hex()).contains(hex(server) + hex(CLIENT));
            });
        }
        lab.forwards = false;
        lab.processor.network(lab.network());
        assertThat(reply(DirectorLab.server(1), IpProtocol.ESP)).isEmpty();
        assertThat(lab.lastVerdict).isEqualTo(DropReason.NO_CONNECTION);
    }

    private static String hex(IpAddress address) {
        return HexFormat.of().formatHex(address.bytes());
    }
}
