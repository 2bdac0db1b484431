package org.halvs.ldirectord.daemon;

import java.util.ArrayList;
import java.util.List;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckSpec;
import org.halvs.check.Service;
import org.halvs.director.RealPlan;
import org.halvs.director.ServerName;
import org.halvs.director.VirtualPlan;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.linux.IpAddress;

/** The line a {@code monitorfile} gets for each check. Pure. */
final class MonitorLine {
    private MonitorLine() {}

    /**
     * The line without its line end; fields that say nothing are left out, as in ldirectord.
     *
     * @param time as ctime(3) has it
     * @param service of the virtual service, which a check without an exchange has too
     */
    static String of(String time, long pid, VirtualPlan virtual, Service service, RealPlan real, CheckResult result) {
        List<String> fields = new ArrayList<>(List.of("[" + time + "]", "[" + pid + "]"));
        CheckSpec.Exchange exchange = switch (real.check()) {
            case CheckSpec.Negotiate negotiate -> negotiate.exchange();
            case CheckSpec.Combined combined -> combined.negotiate().exchange();
            case CheckSpec.On _,
                    CheckSpec.Off _,
                    CheckSpec.Connect _,
                    CheckSpec.Ping _,
                    CheckSpec.External _,
                    CheckSpec.ExternalPerl _,
                    CheckSpec.SendExpect _,
                    CheckSpec.ProgramOutput _ -> CheckSpec.Exchange.of(Service.NONE, "");
        };
        fields.add(kind(real.check()));
        fields.add(service.word());
        fields.add(ServerName.protocolOf(virtual.service().key()));
        fields.add(host(real.server().address()));
        fields.add(Integer.toString(real.configuredPort()));
        fields.add(exchange.virtualHost());
        fields.add(
                real.target().port() == real.configuredPort()
                        ? ""
                        : Integer.toString(real.target().port()));
        fields.add(Integer.toString(real.server().weight()));
        fields.add(method(real.server().method()));
        fields.add(exchange.request());
        fields.add(exchange.receive());
        fields.add(result.passed() ? "[up]" : "[down]");
        fields.add(result.detail().isEmpty() ? "-" : escaped(result.detail()));
        fields.removeIf(String::isEmpty);
        return String.join(" ", fields);
    }

    /** COMPAT: whether a line is written at all. */
    static boolean isWritten(CheckSpec check, CheckResult result) {
        return switch (check) {
            case CheckSpec.On _, CheckSpec.Off _, CheckSpec.ExternalPerl _ -> false;
            case CheckSpec.Ping _ -> result.passed();
            case CheckSpec.Connect _,
                    CheckSpec.External _,
                    CheckSpec.Negotiate _,
                    CheckSpec.Combined _,
                    CheckSpec.SendExpect _,
                    CheckSpec.ProgramOutput _ -> true;
        };
    }

    /** What would break the line or its fields. */
    private static String escaped(String text) {
        return text.replace("%", "%25").replace("|", "%7c").replace("\r", "%0d").replace("\n", "%0a");
    }

    private static String kind(CheckSpec check) {
        return switch (check) {
            case CheckSpec.On _ -> "on";
            case CheckSpec.Off _ -> "off";
            case CheckSpec.Connect _ -> "connect";
            case CheckSpec.Ping _ -> "ping";
            case CheckSpec.External _ -> "external";
            case CheckSpec.ExternalPerl _ -> "external-perl";
            case CheckSpec.Negotiate _ -> "negotiate";
            case CheckSpec.Combined _ -> "combined";
            case CheckSpec.SendExpect _ -> "send-expect";
            case CheckSpec.ProgramOutput _ -> "program-output";
        };
    }

    private static String method(ForwardingMethod method) {
        return switch (method) {
            case DIRECT_ROUTE, LOCAL -> "gate";
            case MASQUERADE -> "masq";
            case TUNNEL -> "ipip";
        };
    }

    private static String host(IpAddress address) {
        return address.bracketed();
    }
}
