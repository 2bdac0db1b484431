package org.halvs.director.kernel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.ServiceKey;

/**
 * Brings the kernel's table to what it should be, again and again: observe, compare, repair. Confined to one thread; blocks while ipvsadm runs.
 *
 * <p>Services it never put there are none of its business. A few changes run as ldirectord's command lines, one process each; from
 * {@value #RESTORE_FROM} on one {@code ipvsadm --restore} does them all. Restore ends with the status of its last line only, so the table is
 * listed again after it, and what is still missing runs line by line, which tells what failed and why.
 */
final class KernelTable {
    /** The number of changes from which one restore is cheaper than a process each. */
    static final int RESTORE_FROM = 4;

    private final IpvsadmProgram program;
    private final KernelPlane.Repair repair;
    private final Set<ServiceKey> ours = new LinkedHashSet<>();
    private final Map<Removed, RealServer> withheld = new LinkedHashMap<>();
    private Optional<ObservedTable> left = Optional.empty();
    private ForwardingTable lastDesired = ForwardingTable.EMPTY;
    private Set<CommandFailure> lastFailures = Set.of();
    private boolean restores = true;

    /** Where a server stood that somebody removed. */
    private record Removed(ServiceKey service, Destination destination) {}

    /** What one application runs and what goes wrong in it. */
    private static final class Run {
        private final List<String> commands = new ArrayList<>();
        private final List<CommandFailure> failures = new ArrayList<>();
    }

    KernelTable(IpvsadmProgram program, KernelPlane.Repair repair) {
        this.program = program;
        this.repair = repair;
    }

    /** What the kernel has now; empty when it can't be listed, for which {@code failures} gets the reason. */
    Optional<ObservedTable> observe(List<CommandFailure> failures) {
        Optional<String> listing = list(List.of("-L", "-n"), failures);
        Optional<String> thresholds = listing.isEmpty() ? listing : list(List.of("-L", "-n", "--thresholds"), failures);
        return listing.flatMap(text -> thresholds.map(limits -> ListingReader.read(text, limits)));
    }

    /** From now on withheld servers are put back where the table wants them. */
    void readd() {
        withheld.clear();
        if (repair == KernelPlane.Repair.KEEP_CHANGES) {
            lastDesired = ForwardingTable.EMPTY;
        }
    }

    /** Makes the kernel's table what {@code desired} says and tells what happened. */
    ApplyReport apply(ForwardingTable desired) {
        Run run = new Run();
        Optional<ObservedTable> observed = observe(run.failures);
        if (observed.isEmpty()) {
            lastDesired = desired;
            return report(desired, run, List.of(), false);
        }
        desired.entries().forEach(entry -> ours.add(entry.service().key()));
        ObservedTable found = observed.get();
        List<Drift> drift = left.map(before -> DriftFinder.between(before, found.only(ours)))
                .orElse(List.of());
        decideAboutRemoved(drift, desired);
        ForwardingTable wanted = repair == KernelPlane.Repair.KEEP_CHANGES
                ? ChangesByHand.kept(desired, lastDesired, found.table())
                : withoutWithheld(desired);
        boolean complete = bring(found, wanted, run);
        ours.removeIf(key -> desired.entry(key).isEmpty() && !stillListed(key));
        lastDesired = desired;
        return report(desired, run, drift, complete);
    }

    private boolean bring(ObservedTable found, ForwardingTable wanted, Run run) {
        ObservedTable now = found;
        List<List<String>> commands = TableDiff.commands(wanted, now, ours);
        if (commands.size() >= RESTORE_FROM && restores) {
            restore(commands, run);
            Optional<ObservedTable> after = observe(run.failures);
            if (after.isEmpty()) {
                left = Optional.empty();
                return false;
            }
            now = after.get();
            List<List<String>> remaining = TableDiff.commands(wanted, now, ours);
            restores = remaining.size() < commands.size();
            commands = remaining;
        }
        for (List<String> command : commands) {
            if (!runOne(command, run)) {
                break;
            }
        }
        if (commands.isEmpty()) {
            left = Optional.of(now.only(ours));
            return true;
        }
        if (run.failures.isEmpty()) {
            left = Optional.of(ObservedTable.of(wanted));
            return true;
        }
        left = observe(run.failures).map(after -> after.only(ours));
        return false;
    }

    private void restore(List<List<String>> commands, Run run) {
        List<String> lines =
                commands.stream().map(words -> String.join(" ", words)).toList();
        run.commands.addAll(lines);
        program.run(List.of("--restore"), lines.stream().collect(Collectors.joining("\n", "", "\n")));
    }

    /** Whether it makes sense to go on with the next line. */
    private boolean runOne(List<String> command, Run run) {
        String line = String.join(" ", command);
        run.commands.add(line);
        return switch (program.run(command, "")) {
            case IpvsadmProgram.Exited exited -> {
                if (!exited.succeeded()) {
                    run.failures.add(new CommandFailure(program.path(), line, complaint(exited)));
                }
                yield true;
            }
            case IpvsadmProgram.NotRun notRun -> {
                run.failures.add(new CommandFailure(program.path(), line, notRun.reason()));
                yield false;
            }
        };
    }

    private Optional<String> list(List<String> arguments, List<CommandFailure> failures) {
        String line = String.join(" ", arguments);
        return switch (program.run(arguments, "")) {
            case IpvsadmProgram.Exited exited -> {
                if (exited.succeeded()) {
                    yield Optional.of(exited.output());
                }
                failures.add(new CommandFailure(program.path(), line, complaint(exited)));
                yield Optional.empty();
            }
            case IpvsadmProgram.NotRun notRun -> {
                failures.add(new CommandFailure(program.path(), line, notRun.reason()));
                yield Optional.empty();
            }
        };
    }

    private static String complaint(IpvsadmProgram.Exited exited) {
        return exited.errors()
                .lines()
                .filter(line -> !line.isBlank())
                .findFirst()
                .map(String::strip)
                .orElse("exit status " + exited.status());
    }

    /**
     * A server somebody removed is withheld, unless the new table gives it more weight than the last one did: then it has just come up, and
     * ldirectord would have added it.
     */
    private void decideAboutRemoved(List<Drift> drift, ForwardingTable desired) {
        withheld.entrySet()
                .removeIf(entry -> weight(desired, entry.getKey().service(), entry.getValue()) < 0
                        || weight(desired, entry.getKey().service(), entry.getValue())
                                > entry.getValue().weight());
        for (Drift change : drift) {
            if (repair == KernelPlane.Repair.WITHHOLD_REMOVED
                    && change instanceof Drift.ServerRemoved(ServiceKey service, RealServer server)) {
                int before = weight(lastDesired, service, server);
                int after = weight(desired, service, server);
                if (after >= 0 && after <= before) {
                    withheld.put(new Removed(service, Destination.of(server)), server.withWeight(before));
                }
            }
        }
    }

    /** The weight of a server in a table, negative when it is not there. */
    private static int weight(ForwardingTable table, ServiceKey service, RealServer server) {
        return table.entry(service)
                .flatMap(entry -> entry.server(server))
                .map(RealServer::weight)
                .orElse(-1);
    }

    private ForwardingTable withoutWithheld(ForwardingTable desired) {
        if (withheld.isEmpty()) {
            return desired;
        }
        List<ForwardingTable.Entry> entries = desired.entries().stream()
                .map(entry -> new ForwardingTable.Entry(
                        entry.service(),
                        entry.servers().stream()
                                .filter(server -> !withheld.containsKey(
                                        new Removed(entry.service().key(), Destination.of(server))))
                                .toList()))
                .toList();
        return new ForwardingTable(desired.revision(), entries);
    }

    private boolean stillListed(ServiceKey key) {
        return left.flatMap(table -> table.service(key)).isPresent();
    }

    private ApplyReport report(ForwardingTable desired, Run run, List<Drift> drift, boolean complete) {
        List<CommandFailure> fresh = run.failures.stream()
                .filter(failure -> !lastFailures.contains(failure))
                .toList();
        lastFailures = Set.copyOf(run.failures);
        List<Drift.ServerRemoved> waiting = withheld.entrySet().stream()
                .map(entry -> new Drift.ServerRemoved(entry.getKey().service(), entry.getValue()))
                .toList();
        return new ApplyReport(desired.revision(), run.commands, drift, waiting, fresh, complete);
    }
}
