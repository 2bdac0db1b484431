package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerFlag;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.connection.SctpState;
import org.halvs.ipvs.connection.TcpState;
import org.halvs.ipvs.packet.Sctp;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Decisions of the kernel that no recording shows. */
class KernelVariantsTest {
    private static final IpAddress CLIENT = IpAddress.of("198.18.22.1");
    private static final int PORT = 80;
    private static final ServiceKey KEY = new ServiceKey.AddressKey(Protocol.TCP, DirectorLab.VIP, PORT);

    private final DirectorLab lab = new DirectorLab();

    private void serve(SchedulerKind scheduler, int servers, int upperThreshold) {
        lab.service(VirtualService.of(KEY, scheduler));
        for (int n = 1; n <= servers; n++) {
            RealServer server = RealServer.of(DirectorLab.server(n), PORT, ForwardingMethod.DIRECT_ROUTE, 1);
            lab.addServer(
                    KEY,
                    new RealServer(server.address(), PORT, server.method(), 1, upperThreshold, 0, server.tunnel()));
        }
    }

    private String send(int port, int flags) {
        return lab.result(lab.send(
                DirectorLab.CLIENT_SIDE,
                Frames.tcp(DirectorLab.CLIENT_SIDE, CLIENT, port, DirectorLab.VIP, PORT, flags)));
    }

    @Test
    void theSchedulerStillCountsTheConnectionThatIsReplaced() {
        serve(SchedulerKind.LC, 2, 0);
        assertThat(send(5000, Tcp.SYN)).isEqualTo("rs2");
        send(5000, Tcp.ACK);
        send(5000, Tcp.RST);
        assertThat(lab.counts(KEY)).isEqualTo("rs2=0/1,rs1=0/0");
        assertThat(send(5000, Tcp.SYN)).isEqualTo("rs1");
        assertThat(lab.counts(KEY)).isEqualTo("rs2=0/0,rs1=1/0");
    }

    @Test
    void aReplacedConnectionKeepsItsServerOverloadedForOneMorePacket() {
        serve(SchedulerKind.RR, 1, 1);
        send(5000, Tcp.SYN);
        send(5000, Tcp.ACK);
        send(5000, Tcp.RST);
        assertThat(send(5000, Tcp.SYN)).isEqualTo("icmp:3/3");
        assertThat(lab.counts(KEY)).isEqualTo("rs1=0/0");
        assertThat(send(5000, Tcp.SYN)).isEqualTo("rs1");
    }

    @ParameterizedTest
    @CsvSource({"RR,rs3,rs2", "LBLC,rs3,rs3", "SH,rs1,rs1"})
    void otherFlagsAreNoNewScheduler(SchedulerKind scheduler, String first, String second) {
        serve(scheduler, 3, 0);
        assertThat(send(5000, Tcp.SYN)).isEqualTo(first);
        lab.service(new VirtualService(
                KEY, scheduler, List.of(SchedulerFlag.FLAG_1), Optional.empty(), false, Optional.empty()));
        assertThat(send(5001, Tcp.SYN)).isEqualTo(second);
    }

    @Test
    void aServerFromTheTrashCountsFromZeroOnlyInAnotherService() {
        serve(SchedulerKind.RR, 1, 0);
        send(5000, Tcp.SYN);
        lab.advance(2000);
        RealServer server = RealServer.of(DirectorLab.server(1), PORT, ForwardingMethod.DIRECT_ROUTE, 1);
        lab.removeServer(KEY, server.address());
        lab.addServer(KEY, server);
        assertThat(counted()).isEqualTo(1);
        lab.removeService(KEY);
        lab.service(VirtualService.of(KEY, SchedulerKind.RR));
        lab.addServer(KEY, server);
        assertThat(counted()).isZero();
        assertThat(lab.counts(KEY)).isEqualTo("rs1=1/0");
    }

    private long counted() {
        return lab.stats(KEY).servers().getFirst().counters().connections();
    }

    @ParameterizedTest
    @CsvSource({"0,ESTABLISHED", "10,ESTABLISHED", "6,REJECTED", "1,INIT", "2,COOKIE_ECHOED"})
    void anAssociationWhoseRepliesAreUnseenLeavesCookieWait(int chunk, SctpState next) {
        int state = SctpState.next(TcpState.INPUT_ONLY, SctpState.COOKIE_WAIT.ordinal(), chunk, -1);
        assertThat(SctpState.of(state)).isEqualTo(next);
    }

    @Test
    void aCookieEchoOfTheClientAloneLeavesCookieAsItIs() {
        int state = SctpState.next(TcpState.INPUT_ONLY, SctpState.COOKIE.ordinal(), Sctp.COOKIE_ECHO, -1);
        assertThat(SctpState.of(state)).isEqualTo(SctpState.COOKIE);
    }
}
