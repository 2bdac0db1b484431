package org.halvs.ldirectord.daemon;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.halvs.director.DirectorEvent;
import org.halvs.director.DirectorStatus;
import org.halvs.director.EventText;
import org.halvs.director.ServerName;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ldirectord.EmailAlert;
import org.halvs.ldirectord.EmailAlert.DaemonStatus;
import org.halvs.ldirectord.LdirectordPlan;
import org.halvs.ldirectord.VirtualOptions;

/**
 * Which mails are due: one for each change of a server in the table, and reminders for servers that stay down. Pure, confined to the control
 * thread; it remembers when it reminded of what.
 */
final class MailDecisions {

    /**
     * A mail and the line ldirectord logs for it.
     *
     * @param logLine {@code emailalert: Quiescent real server: …}
     */
    record Due(Mail mail, String logLine) {}

    /** What mails about one service say. */
    private record Addressing(EmailAlert alert, String name, String comment) {}

    private final String host;
    private final Map<ServiceKey, Addressing> services = new HashMap<>();
    private final Map<String, Long> remindedNanos = new LinkedHashMap<>();

    /** @param host the name of this machine, for the text of the mails */
    MailDecisions(String host) {
        this.host = host;
    }

    /** Goes by {@code plan} from now on. */
    void follow(LdirectordPlan plan) {
        services.clear();
        for (int i = 0; i < plan.virtualOptions().size(); i++) {
            VirtualOptions options = plan.virtualOptions().get(i);
            String name = plan.services().virtuals().get(i).name();
            services.put(options.key(), new Addressing(options.emailAlert(), name, options.comment()));
        }
    }

    /** Whether any service asks for reminders. */
    boolean wantsReminders() {
        return services.values().stream()
                .anyMatch(addressing -> addressing.alert().reminder().isPositive());
    }

    /** The mails about events. */
    List<Due> about(List<DirectorEvent> events, DaemonStatus status) {
        List<Due> due = new ArrayList<>();
        for (DirectorEvent event : events) {
            if (isTold(event)) {
                mail(event.service(), EventText.logLine(event), status).ifPresent(due::add);
            }
        }
        return due;
    }

    /** Every change of the servers of a service, and nothing about the service itself. */
    private static boolean isTold(DirectorEvent event) {
        return switch (event) {
            case DirectorEvent.RealAdded _,
                    DirectorEvent.RealRestored _,
                    DirectorEvent.RealQuiesced _,
                    DirectorEvent.RealReadded _,
                    DirectorEvent.RealDeleted _,
                    DirectorEvent.RealPurged _,
                    DirectorEvent.RemovedByHand _,
                    DirectorEvent.FallbackAdded _,
                    DirectorEvent.FallbackDeleted _ -> true;
            case DirectorEvent.VirtualAdded _,
                    DirectorEvent.VirtualChanged _,
                    DirectorEvent.VirtualPurged _,
                    DirectorEvent.RealWeightChanged _,
                    DirectorEvent.FirstCheckFailed _,
                    DirectorEvent.SoftFailure _,
                    DirectorEvent.SoftFailureReset _ -> false;
        };
    }

    /** The reminders of servers that are down: the first one {@code emailalertfreq} after it was first seen down. */
    List<Due> reminders(List<DirectorStatus> all, DaemonStatus status, long nowNanos) {
        List<Due> due = new ArrayList<>();
        Map<String, Long> still = new LinkedHashMap<>();
        for (DirectorStatus service : all) {
            for (DirectorStatus.Real real : service.reals()) {
                String line = "Inaccessible real server: " + real.server().configured() + " ("
                        + ServerName.ofService(service.service()) + ")";
                if (real.health() == DirectorStatus.Health.DOWN
                        && !real.reason().equals("checktype=off")) {
                    long last = remindedNanos.getOrDefault(line, nowNanos);
                    if (reminderIsDue(service.service(), last, nowNanos)) {
                        mail(service.service(), line, status).ifPresent(due::add);
                        last = nowNanos;
                    }
                    still.put(line, last);
                }
            }
        }
        remindedNanos.clear();
        remindedNanos.putAll(still);
        return due;
    }

    private boolean reminderIsDue(ServiceKey service, long lastNanos, long nowNanos) {
        Optional<Long> every = Optional.ofNullable(services.get(service))
                .map(addressing -> addressing.alert().reminder().toNanos())
                .filter(nanos -> nanos > 0);
        return every.isPresent() && nowNanos - lastNanos >= every.get();
    }

    private Optional<Due> mail(ServiceKey service, String line, DaemonStatus status) {
        Addressing addressing = services.get(service);
        if (addressing == null || addressing.alert().recipients().isBlank()) {
            return Optional.empty();
        }
        EmailAlert alert = addressing.alert();
        if (!alert.statuses().contains(status)) {
            return Optional.empty();
        }
        List<String> recipients = Arrays.stream(alert.recipients().split(","))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
        String subject = addressing.name().isEmpty() ? line : "[" + addressing.name() + "] " + line;
        Mail mail = new Mail(recipients, alert.from(), alert.smtpServer(), subject, body(subject, status, addressing));
        return recipients.isEmpty() ? Optional.empty() : Optional.of(new Due(mail, "emailalert: " + line));
    }

    private String body(String subject, DaemonStatus status, Addressing addressing) {
        return "ldirectord host: " + host + "\nLog-Message: " + subject + "\nDaemon-Status: "
                + status.name().toLowerCase(Locale.ROOT) + "\n\nService name: " + addressing.name() + "\nComment: "
                + addressing.comment() + "\n\n";
    }
}
