package org.halvs.director.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.halvs.ipvs.ConnectionEntry;
import org.halvs.ipvs.ForwardingStats;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.Timeouts;

/** What the kernel counts, through ipvsadm. Thread-safe; each figure is a process, so those of the table are kept for a second. */
final class KernelFigures {
    private static final long KEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final IpvsadmProgram program;
    private ForwardingStats last = ForwardingStats.EMPTY;
    private long lastNanos;
    private boolean asked;

    KernelFigures(IpvsadmProgram program) {
        this.program = program;
    }

    /** Figures of a moment not more than a second ago; without services when ipvsadm gives none. */
    synchronized ForwardingStats stats(ForwardingTable table, long nowNanos) {
        if (!asked || nowNanos - lastNanos > KEEP_NANOS) {
            last = FiguresReader.stats(
                    table,
                    output("-L", "-n"),
                    output("-L", "-n", "--stats", "--exact"),
                    output("-L", "-n", "--rate", "--exact"),
                    output("-L", "-n", "--persistent-conn"));
            lastNanos = nowNanos;
            asked = true;
        }
        return last;
    }

    List<ConnectionEntry> connections(ForwardingTable table) {
        return FiguresReader.connections(table, output("-L", "-n", "-c", "--persistent-conn"));
    }

    Timeouts timeouts() {
        return FiguresReader.timeouts(output("-L", "--timeout")).orElse(Timeouts.DEFAULT);
    }

    void changeTimeouts(Timeouts timeouts) {
        output(
                "--set",
                Integer.toString(timeouts.tcpSeconds()),
                Integer.toString(timeouts.tcpFinSeconds()),
                Integer.toString(timeouts.udpSeconds()));
    }

    void zero(Optional<ServiceKey> key) {
        List<String> words = new ArrayList<>(List.of("-Z"));
        key.ifPresent(named -> words.addAll(CommandText.name(named)));
        output(words.toArray(String[]::new));
    }

    /** What ipvsadm prints; nothing when it refuses. */
    private String output(String... words) {
        return switch (program.run(List.of(words), "")) {
            case IpvsadmProgram.Exited exited -> exited.succeeded() ? exited.output() : "";
            case IpvsadmProgram.NotRun _ -> "";
        };
    }
}
