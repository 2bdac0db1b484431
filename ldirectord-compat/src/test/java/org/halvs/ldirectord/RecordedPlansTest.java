package org.halvs.ldirectord;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.halvs.director.RealPlan;
import org.halvs.director.VirtualPlan;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerFlag;
import org.halvs.ipvs.ServiceKey;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The ipvsadm command lines of the real program at its start, against those that our plans amount to. */
class RecordedPlansTest {
    private static final Pattern PORT_OF_SERVICE = Pattern.compile("-[tu] \\S+:(\\d+) ");
    /** Lines for servers ldirectord reads twice from one address; we keep the later one, as its table does in the end. */
    private static final List<String> OURS_ONCE = List.of(
            "    real=127.0.0.2:80 gate\\n    real=127.0.0.2:80 masq 5\\n",
            "    real=127.0.0.2:80 gate 1 \"a\" \"b\"\\n    real=");

    static Stream<String> recorded() {
        return Recordings.text("recorded-plans.tsv")
                .lines()
                .filter(line -> OURS_ONCE.stream().noneMatch(line::contains));
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void planAmountsToTheRecordedTable(String line) {
        String[] columns = line.split("\t", -1);
        List<String> expected = new ArrayList<>();
        for (String command : columns[1].split("\\|")) {
            String mapped = asIpvsadmTakesIt(command);
            if (!refused(mapped) && !expected.contains(mapped)) {
                expected.add(mapped);
            }
        }

        LdirectordReading reading = Recordings.read(columns[0].translateEscapes());

        List<String> planned = new ArrayList<>();
        for (VirtualPlan virtual :
                reading.result().value().orElseThrow().services().virtuals()) {
            planned.addAll(commands(virtual, columns[0].contains("checktype=off")));
        }
        if (expected.size() == 1 && columns[0].contains("5.245.224.254->")) {
            // the range that ldirectord loses because it compares addresses as texts
            assertThat(planned).hasSize(1 + 6);
            return;
        }
        if (!planned.isEmpty() || !expected.getFirst().matches(".*(-f (0|9{11}) |-p 0 |999|-b ).*")) {
            assertThat(planned).containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    /** ipvsadm gives gate and ipip servers the port of the service. */
    private static String asIpvsadmTakesIt(String command) {
        Matcher service = PORT_OF_SERVICE.matcher(command.replace(":053 ", ":53 "));
        if (command.startsWith("-a") && service.find() && !command.contains(" -m ")) {
            return command.replaceFirst(" -r (\\S+):\\d+ ", " -r $1:" + service.group(1) + " ");
        }
        return command.replace(":053 ", ":53 ").replace("-f 05 ", "-f 5 ");
    }

    /** Weights that do not fit, and lower thresholds above the upper ones, which only zero is here. */
    private static boolean refused(String command) {
        return command.endsWith("-w 99999999999") || command.matches(".* -x 0 -y [1-9].*");
    }

    private static List<String> commands(VirtualPlan virtual, boolean allDown) {
        List<String> commands = new ArrayList<>();
        String service = service(virtual.service().key());
        String scheduler = virtual.service().scheduler().word();
        StringBuilder add = new StringBuilder("-A " + service);
        if (virtual.service().onePacket()) {
            add.append(" -o");
        }
        add.append(" -s ").append(scheduler);
        virtual.service().persistence().ifPresent(persistence -> {
            add.append(" -p ").append(persistence.timeoutSeconds());
            boolean ipv4 = virtual.service().key().family() == IpAddress.Family.IPV4;
            if (ipv4 && persistence.netmask() != -1) {
                add.append(" -M ").append(IpAddress.ofIpv4(persistence.netmask()));
            } else if (!ipv4 && persistence.netmask() != 128) {
                add.append(" -M ").append(persistence.netmask());
            }
        });
        for (SchedulerFlag flag : virtual.service().schedulerFlags()) {
            add.append(" -b ").append(flag.word(virtual.service().scheduler()));
        }
        commands.add(add.toString());
        if (allDown) {
            virtual.fallback().ifPresent(fallback -> commands.add(server(service, fallback)));
        }
        for (RealPlan real : virtual.reals()) {
            commands.add(server(service, real.server()));
        }
        return commands;
    }

    private static String service(ServiceKey key) {
        return switch (key) {
            case ServiceKey.AddressKey address ->
                (address.protocol() == Protocol.UDP ? "-u " : "-t ") + bracketed(address.address()) + ":"
                        + address.port();
            case ServiceKey.FirewallMark mark ->
                "-f " + mark.mark() + (mark.family() == IpAddress.Family.IPV6 ? " -6" : "");
        };
    }

    private static String server(String service, RealServer server) {
        String method = server.method() == ForwardingMethod.MASQUERADE
                ? "-m"
                : server.method() == ForwardingMethod.TUNNEL ? "-i" : "-g";
        return "-a " + service + " -x " + server.upperThreshold() + " -y " + server.lowerThreshold() + " -r "
                + bracketed(server.address()) + ":" + server.port() + " " + method + " -w " + server.weight();
    }

    private static String bracketed(IpAddress address) {
        return address.isIpv4() ? address.toString() : "[" + address + "]";
    }
}
