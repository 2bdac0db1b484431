package org.halvs.director;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckSpec;
import org.halvs.check.CheckTarget;
import org.halvs.check.ProbeKey;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.RealServer;

/**
 * Plays a scenario: definitions ({@code plan NAME}, {@code table NAME}, their lines indented), then commands that begin with {@code >}, each
 * followed by what came of it: events with their reasons, effects, and the table when it changed.
 */
final class ScenarioPlayer {
    private final Map<String, List<String>> definitions = new LinkedHashMap<>();
    private Optional<Director> director = Optional.empty();
    private long nowNanos;

    /** The scenario with the outcomes that really came. */
    List<String> play(List<String> scenario) {
        List<String> played = new ArrayList<>();
        String definition = "";
        boolean commands = false;
        for (String line : scenario) {
            if (line.startsWith("> ")) {
                commands = true;
                played.add(line);
                played.addAll(perform(line.substring(2).split(" +")));
            } else if (line.startsWith("#")) {
                played.add(line);
            } else if (!commands) {
                played.add(line);
                if (!line.isBlank() && !line.startsWith(" ")) {
                    definition = line;
                    definitions.put(definition, new ArrayList<>());
                } else if (!line.isBlank()) {
                    definition(definition).add(line.strip());
                }
            }
        }
        return played;
    }

    private List<String> perform(String[] words) {
        List<String> rest = List.of(words).subList(1, words.length);
        return switch (words[0]) {
            case "start" -> start(rest);
            case "reload" -> show(running().replacePlan(plan(rest.getFirst()), nowNanos));
            case "pass" -> result(rest.getFirst(), new CheckResult.Passed("200 OK"));
            case "fail" ->
                result(
                        rest.getFirst(),
                        new CheckResult.Failed(
                                CheckResult.Reason.REFUSED, String.join(" ", rest.subList(1, rest.size()))));
            case "maintenance" -> show(running().maintenance(files(rest), nowNanos));
            case "drain" -> order(rest.getFirst(), Optional.of(new ServerOverride.Drain()));
            case "weight" ->
                order(rest.getFirst(), Optional.of(new ServerOverride.Weight(Integer.parseInt(rest.getLast()))));
            case "normal" -> order(rest.getFirst(), Optional.empty());
            case "byhand" -> byHand(rest);
            case "after" -> after(Duration.parse("PT" + rest.getFirst().toUpperCase(Locale.ROOT)));
            case "probes" ->
                running().probes().stream()
                        .map(probe -> ProbeKind.describe(probe.key()) + " every "
                                + probe.interval().toSeconds() + " s")
                        .toList();
            case "status" -> status();
            case "stop" -> show(running().stop());
            default -> throw new IllegalArgumentException("no command " + words[0]);
        };
    }

    private List<String> start(List<String> words) {
        ForwardingTable current =
                words.size() > 1 ? PlanText.table(definition("table " + words.getLast())) : ForwardingTable.EMPTY;
        Director started = new Director(plan(words.getFirst()), current, nowNanos);
        director = Optional.of(started);
        return show(started.firstStep());
    }

    private ServicePlan plan(String name) {
        return PlanText.plan(definition("plan " + name));
    }

    private List<String> definition(String name) {
        return Optional.ofNullable(definitions.get(name)).orElseThrow();
    }

    private Director running() {
        return director.orElseThrow();
    }

    /** {@code 127.0.0.2:80} stands for all probes of that target, {@code 127.0.0.2:80/path} for one. */
    private List<String> result(String name, CheckResult result) {
        int slash = name.indexOf('/');
        CheckTarget target = PlanText.target(slash < 0 ? name : name.substring(0, slash));
        List<String> shown = new ArrayList<>();
        for (ScheduledProbe scheduled : running().probes()) {
            ProbeKey probe = scheduled.key();
            boolean meant = slash < 0
                    || probe.spec() instanceof CheckSpec.Negotiate negotiate
                            && negotiate.exchange().request().equals(name.substring(slash));
            if (probe.target().equals(target) && meant) {
                shown.addAll(show(running().result(probe, result, nowNanos)));
            }
        }
        return shown;
    }

    private static Map<ServerAddress, String> files(List<String> names) {
        Map<ServerAddress, String> files = new LinkedHashMap<>();
        for (String name : names) {
            CheckTarget target = PlanText.target(name);
            files.put(new ServerAddress(target.address(), target.port()), name);
        }
        return files;
    }

    private List<String> order(String name, Optional<ServerOverride> order) {
        CheckTarget target = PlanText.target(name);
        return show(running().override(new ServerAddress(target.address(), target.port()), order, nowNanos));
    }

    private List<String> byHand(List<String> words) {
        CheckTarget target = PlanText.target(words.getLast());
        RealServer server =
                RealServer.of(target.address(), target.port(), org.halvs.ipvs.ForwardingMethod.DIRECT_ROUTE, 1);
        return show(running().removedByHand(PlanText.key(words.getFirst()), server, nowNanos));
    }

    /** Lets time pass, with a tick whenever the director wants one. */
    private List<String> after(Duration time) {
        long end = nowNanos + time.toNanos();
        List<String> shown = new ArrayList<>();
        OptionalLong next = running().nextTickNanos(nowNanos);
        while (next.isPresent() && next.getAsLong() <= end) {
            nowNanos = next.getAsLong();
            shown.addAll(show(running().tick(nowNanos)));
            next = running().nextTickNanos(nowNanos);
        }
        nowNanos = end;
        return shown;
    }

    private List<String> status() {
        List<String> shown = new ArrayList<>();
        for (DirectorStatus service : running().status(nowNanos)) {
            shown.add(service.service() + (service.fallbackActive() ? " fallback" : ""));
            for (DirectorStatus.Real real : service.reals()) {
                shown.add("  " + real.server().mapped() + " " + real.health() + " " + real.weight() + "/"
                        + real.fullWeight() + (real.listed() ? " listed: " : " absent: ") + real.reason());
            }
        }
        return shown;
    }

    private static List<String> show(DirectorStep step) {
        List<String> shown = new ArrayList<>();
        for (DirectorEvent event : step.events()) {
            String reason = EventText.reason(event);
            shown.add(EventText.logLine(event) + (reason.isEmpty() ? "" : " | " + reason));
        }
        for (DirectorEffect effect : step.effects()) {
            switch (effect) {
                case DirectorEffect.FallbackCommand command -> shown.add("run " + command.shellLine());
            }
        }
        if (step.changed()) {
            shown.add("revision " + step.table().revision());
            shown.addAll(PlanText.listing(step.table()));
        }
        return shown;
    }
}
