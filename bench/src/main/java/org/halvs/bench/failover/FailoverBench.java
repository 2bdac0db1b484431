package org.halvs.bench.failover;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.halvs.lab.Lab;

/**
 * Runs each event with each program and prints what the client noticed, side by side.
 *
 * <p>Arguments: the distribution, the script {@code cell}, the number of rounds, seconds of busy loops, seconds a program runs before its
 * idling is measured, the events (all without any) and the
 * programs by the beginning of their names (all without any), both as one word with commas.
 */
public final class FailoverBench {
    private static final int LOOPS = 16;

    /** Nodes that have just started allow each other longer silences. */
    private static final long WARM_UP_MILLIS = 15_000;

    private final int rounds;
    private final long loadMillis;
    private final long idleAfterMillis;

    private FailoverBench(int rounds, long loadMillis, long idleAfterMillis) {
        this.rounds = rounds;
        this.loadMillis = loadMillis;
        this.idleAfterMillis = idleAfterMillis;
    }

    public static void main(String[] arguments) {
        Path distribution = Path.of(arguments[0]).toAbsolutePath();
        Path cell = Path.of(arguments[1]).toAbsolutePath();
        FailoverBench bench = new FailoverBench(
                Integer.parseInt(arguments[2]),
                Long.parseLong(arguments[3]) * 1000,
                Long.parseLong(arguments[4]) * 1000);
        List<String> events = words(arguments, 5);
        List<String> names = words(arguments, 6);
        List<Contender> contenders = Stream.of(
                        Halvs.withOwnDefaults(distribution),
                        new Heartbeat(cell, "1", "10"),
                        new Keepalived(cell, "0.1"),
                        new Keepalived(cell, "0.01"))
                .filter(c -> names.isEmpty() || names.stream().anyMatch(c.name().toLowerCase(Locale.ROOT)::startsWith))
                .toList();
        contenders = contenders.stream().filter(FailoverBench::isHere).toList();
        for (Event event : Event.values()) {
            if (events.isEmpty() || events.contains(event.name().toLowerCase(Locale.ROOT))) {
                bench.compare(event, contenders);
            }
        }
    }

    private static List<String> words(String[] arguments, int index) {
        return arguments.length <= index || arguments[index].isEmpty()
                ? List.of()
                : List.of(arguments[index].toLowerCase(Locale.ROOT).split(","));
    }

    private static boolean isHere(Contender contender) {
        String missing = contender.missing();
        if (!missing.isEmpty()) {
            System.out.println(contender.name() + " is left out: " + missing);
        }
        return missing.isEmpty();
    }

    /** What one run came to: a time in milliseconds or another figure, and words. */
    private record Outcome(double figure, String words) {}

    private void compare(Event event, List<Contender> contenders) {
        System.out.printf("%n%s: %s%n", event.text, figureOf(event));
        double own = Double.NaN;
        for (Contender contender : contenders) {
            if (!contender.can(event)) {
                System.out.printf("  %-18s -%n", contender.name());
                continue;
            }
            List<Outcome> outcomes = new ArrayList<>();
            for (int round = 0; round < roundsOf(event); round++) {
                outcomes.add(run(event, contender));
            }
            List<Double> figures =
                    outcomes.stream().map(Outcome::figure).sorted().toList();
            double median = figures.get(figures.size() / 2);
            own = Double.isNaN(own) ? median : own;
            System.out.printf(
                    event == Event.IDLE
                            ? "  %-18s %9.2f (%.2f..%.2f)  %-8s %s%n"
                            : "  %-18s %9.1f (%.1f..%.1f)  %-8s %s%n",
                    contender.name(),
                    median,
                    figures.getFirst(),
                    figures.getLast(),
                    own == 0 ? "" : "x%.1f".formatted(median / own),
                    String.join(
                            " | ",
                            outcomes.stream().map(Outcome::words).distinct().toList()));
        }
    }

    private static String figureOf(Event event) {
        return switch (event) {
            case KILL -> "ms until the other node answers (and where the address is in the end)";
            case COLD_START -> "ms until it is owned";
            case IDLE -> "per cent of one core on the owner";
            case LOAD -> "changes of state, owner or membership with " + LOOPS + " busy loops";
            default -> "ms the client waits at the longest";
        };
    }

    private int roundsOf(Event event) {
        return event == Event.IDLE || event == Event.LOAD ? 1 : rounds;
    }

    private Outcome run(Event event, Contender contender) {
        Contender.Wish wish =
                new Contender.Wish(event == Event.RETURN, event == Event.PATH, event == Event.FAILED_START);
        try (Street street = Street.open()) {
            Contender.Running program = contender.on(street, wish);
            long started = System.nanoTime();
            program.start(street.alice);
            program.start(street.bob);
            String expected = event == Event.FAILED_START ? "bob" : "alice";
            if (!Lab.eventually(90_000, () -> street.holders().equals(expected))) {
                return new Outcome(90_000, "not owned after 90 s");
            }
            double owned = (System.nanoTime() - started) / 1e6;
            if (event == Event.COLD_START) {
                return new Outcome(owned, "owned by " + street.holders());
            }
            if (!Lab.eventually(60_000, program::settled)) {
                return new Outcome(Double.NaN, "did not settle");
            }
            Lab.pause(event == Event.IDLE ? idleAfterMillis : WARM_UP_MILLIS);
            return switch (event) {
                case IDLE -> idle(street, program);
                case LOAD -> load(street, program);
                default -> notice(event, street, program, contender instanceof Heartbeat);
            };
        }
    }

    private Outcome notice(Event event, Street street, Contender.Running program, boolean slow) {
        Probe probe = street.probe();
        Lab.pause(1000);
        long began = System.nanoTime();
        act(event, street, program, slow);
        Lab.pause(tail(event, slow));
        Probe.Notice notice = probe.noticed(began, "bob");
        String words = "%d lost, address on %s".formatted(notice.lost(), street.holders());
        return event == Event.KILL
                ? new Outcome(
                        notice.takeoverMillis() < 0
                                ? Double.NaN
                                : Math.max(notice.takeoverMillis(), notice.outageMillis()),
                        words)
                : new Outcome(notice.outageMillis(), words);
    }

    private static void act(Event event, Street street, Contender.Running program, boolean slow) {
        switch (event) {
            case KILL -> program.kill(street.alice);
            case CUT -> street.lan.unplug(street.alice);
            case STOP -> program.stop(street.alice);
            case STANDBY -> program.standby(street.alice);
            case FAILED_START -> program.takeover(street.alice);
            case PATH -> {
                if (program.heartsOnLan()) {
                    street.dropProtocol(112, true);
                    Lab.pause(10_000);
                    street.dropProtocol(112, false);
                } else {
                    street.cable.unplug(street.alice);
                    Lab.pause(slow ? 20_000 : 10_000);
                    street.cable.replug(street.alice);
                }
            }
            case FREEZE -> {
                program.freeze(street.alice, true);
                Lab.pause(12_000);
                program.freeze(street.alice, false);
            }
            case RETURN -> {
                program.kill(street.alice);
                Lab.pause(slow ? 15_000 : 5000);
                program.start(street.alice);
            }
            case ARP -> {
                street.loseArp(true);
                street.lan.unplug(street.alice);
                Lab.eventually(30_000, () -> Street.holds(street.bob));
                Lab.pause(3000);
                street.loseArp(false);
            }
            case COLD_START, IDLE, LOAD -> throw new IllegalArgumentException(event.name());
        }
    }

    /** How long the client is watched after the event. */
    private static long tail(Event event, boolean slow) {
        return switch (event) {
            case PATH, FREEZE, RETURN, ARP -> slow ? 60_000 : 12_000;
            default -> slow ? 20_000 : 6000;
        };
    }

    private static Outcome idle(Street street, Contender.Running program) {
        long seconds = 120; // a tick more or less is a hundredth of a second
        long before = ticks(program.processes(street.alice));
        Lab.pause(seconds * 1000);
        long used = ticks(program.processes(street.alice)) - before;
        return new Outcome(
                used / (double) seconds,
                "%d MB resident".formatted(resident(program.processes(street.alice)) / 1024)); // 100 ticks a second
    }

    private Outcome load(Street street, Contender.Running program) {
        long before = program.stateChanges();
        Street.load(LOOPS, loadMillis);
        Lab.pause(2000);
        return new Outcome(
                program.stateChanges() - before,
                "in %d s, address on %s".formatted(loadMillis / 1000, street.holders()));
    }

    /** Processor time used so far, in clock ticks: fields 14 and 15 of /proc/PID/stat, proc(5). */
    private static long ticks(List<Long> processes) {
        long sum = 0;
        for (long pid : processes) {
            String stat = read(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            sum += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        }
        return sum;
    }

    /** Resident memory in kB. */
    private static long resident(List<Long> processes) {
        return processes.stream()
                .flatMap(pid -> read(Path.of("/proc/" + pid + "/status")).lines())
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
