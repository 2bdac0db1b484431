package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every decision of the recorded scheduling traces, packet for packet through the processor. */
class SchedulerGoldenTest {
    private DirectorLab lab = new DirectorLab();
    private ServiceKey key = new ServiceKey.AddressKey(Protocol.TCP, DirectorLab.VIP, 80);
    private int port;

    @ParameterizedTest
    @ValueSource(strings = {"rr", "wrr", "lc", "wlc", "sed", "nq", "fo", "ovf"})
    void decidesAsRecorded(String scheduler) {
        replay("sched_" + scheduler + ".txt");
    }

    @Test
    void reactsToEditsAsRecorded() {
        replay("midflight.txt");
    }

    private void replay(String resource) {
        String trace = "";
        int number = 0;
        for (String line : DirectorLab.lines(resource)) {
            number++;
            String[] words = line.split(" ");
            switch (words[0]) {
                case "trace" -> {
                    trace = line;
                    begin(words);
                }
                case "adm" -> edit(line.substring(4));
                default -> {
                    String[] client = words[1].split(":");
                    String result = event(words[0], IpAddress.of(client[0]), Integer.parseInt(client[1]));
                    assertThat(result).as("%s line %d: %s", trace, number, line).isEqualTo(words[2]);
                    assertThat(lab.counts(key))
                            .as("%s line %d: %s", trace, number, line)
                            .isEqualTo(words[3]);
                }
            }
        }
        assertThat(number).isPositive();
    }

    private void begin(String[] words) {
        lab = new DirectorLab();
        port = Integer.parseInt(words[4]);
        key = new ServiceKey.AddressKey(Protocol.TCP, DirectorLab.VIP, port);
        lab.service(VirtualService.of(key, SchedulerKind.of(words[1]).orElseThrow()));
        for (String name : words[3].split(",")) {
            for (String weight : words[2].split(",")) {
                if (weight.startsWith(name + "=")) {
                    lab.addServer(key, server(name, Integer.parseInt(weight.substring(name.length() + 1))));
                }
            }
        }
    }

    private RealServer server(String name, int weight) {
        int number = Integer.parseInt(name.substring(2));
        return RealServer.of(DirectorLab.server(number), port, ForwardingMethod.MASQUERADE, weight);
    }

    private void edit(String what) {
        String[] words = what.split(" ");
        switch (words[0]) {
            case "add" -> lab.addServer(key, server(words[1], Integer.parseInt(words[3])));
            case "delete" -> lab.removeServer(key, server(words[1], 1).address());
            case "all" ->
                lab.stats(key)
                        .servers()
                        .forEach(each -> lab.editServer(key, each.server().withWeight(0)));
            case "edit" -> {
                if (words[1].equals("service")) {
                    lab.service(
                            VirtualService.of(key, SchedulerKind.of(words[3]).orElseThrow()));
                } else {
                    lab.editServer(key, server(words[1], Integer.parseInt(words[3])));
                }
            }
            default -> throw new AssertionError(what);
        }
    }

    private String event(String operation, IpAddress client, int clientPort) {
        return switch (operation) {
            case "syn" -> fromClient(client, clientPort, Tcp.SYN);
            case "open" -> {
                String result = fromClient(client, clientPort, Tcp.SYN);
                if (result.startsWith("rs")) {
                    fromServer(result, client, clientPort, Tcp.SYN | Tcp.ACK);
                    fromClient(client, clientPort, Tcp.ACK);
                }
                yield result;
            }
            case "close" -> {
                String result = fromClient(client, clientPort, Tcp.FIN | Tcp.ACK);
                fromServer(result, client, clientPort, Tcp.FIN | Tcp.ACK);
                fromClient(client, clientPort, Tcp.ACK);
                yield result;
            }
            case "rst" -> fromClient(client, clientPort, Tcp.RST);
            default -> throw new AssertionError(operation);
        };
    }

    private String fromClient(IpAddress client, int clientPort, int flags) {
        List<DirectorLab.Sent> frames = lab.send(
                DirectorLab.CLIENT_SIDE,
                Frames.tcp(DirectorLab.CLIENT_SIDE, client, clientPort, DirectorLab.VIP, port, flags));
        return lab.result(frames);
    }

    private void fromServer(String name, IpAddress client, int clientPort, int flags) {
        IpAddress server = server(name, 1).address();
        List<DirectorLab.Sent> frames = lab.send(
                DirectorLab.SERVER_SIDE, Frames.tcp(DirectorLab.SERVER_SIDE, server, port, client, clientPort, flags));
        assertThat(frames).hasSize(1);
        assertThat(frames.getFirst().interfaceIndex()).isEqualTo(DirectorLab.CLIENT_SIDE);
    }
}
