package org.halvs.director.kernel;

import java.util.ArrayList;
import java.util.List;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.admin.Ipvsadm;
import org.halvs.ipvs.admin.MemoryBackend;
import org.halvs.ipvs.admin.MemoryNameService;
import org.halvs.ipvs.admin.Outcome;

/** The twin of {@link ExecIpvsadm}: ipvsadm's own grammar over a table in memory. Remembers what it was asked. Thread-safe. */
public final class MemoryIpvsadm implements IpvsadmProgram {
    private final Ipvsadm ipvsadm = new Ipvsadm(new MemoryNameService(""));
    private final MemoryBackend backend = new MemoryBackend();
    private final List<String> runs = new ArrayList<>();
    private boolean restores = true;

    /** Behaves like an old or foreign ipvsadm that knows no {@code --restore}. */
    public synchronized void forgetRestore() {
        restores = false;
    }

    /** Every command line since the last call, the lines of a restore indented below it; listings are left out. */
    public synchronized List<String> takeRuns() {
        List<String> taken = List.copyOf(runs);
        runs.clear();
        return taken;
    }

    /** The table as it is. */
    public synchronized ForwardingTable table() {
        return backend.table();
    }

    @Override
    public String path() {
        return "/sbin/ipvsadm";
    }

    @Override
    public synchronized Answer run(List<String> arguments, String input) {
        if (!arguments.getFirst().equals("-L")) {
            runs.add(String.join(" ", arguments));
            input.lines().forEach(line -> runs.add("  " + line));
        }
        if (!restores && arguments.contains("--restore")) {
            return new Exited(2, "", "unexpected argument --restore\n");
        }
        Outcome outcome = ipvsadm.run(arguments, input, backend);
        return new Exited(outcome.exitStatus(), outcome.stdout(), outcome.stderr());
    }
}
