package org.halvs.ldirectord.daemon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.halvs.check.CheckResult;
import org.halvs.check.ProbeKey;
import org.halvs.check.Service;
import org.halvs.director.RealPlan;
import org.halvs.director.VirtualPlan;
import org.halvs.ldirectord.LdirectordPlan;

/** Writes a line for each check into the files named by {@code monitorfile}. Confined to the control thread. */
final class MonitorFiles {
    private static final DateTimeFormatter CTIME =
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT);

    private final Consumer<String> complaints;
    private final Map<ProbeKey, List<Entry>> entries = new HashMap<>();
    private final Set<Path> complainedOf = new HashSet<>();

    /** A server whose checks are written down. */
    private record Entry(Path file, VirtualPlan virtual, Service service, RealPlan real) {}

    MonitorFiles(Consumer<String> complaints) {
        this.complaints = complaints;
    }

    void follow(LdirectordPlan plan) {
        entries.clear();
        complainedOf.clear();
        for (int i = 0; i < plan.virtualOptions().size(); i++) {
            Optional<String> file = plan.virtualOptions().get(i).monitorFile();
            VirtualPlan virtual = plan.services().virtuals().get(i);
            if (file.isPresent()) {
                for (RealPlan real : virtual.reals()) {
                    Entry entry = new Entry(
                            Path.of(file.get()),
                            virtual,
                            plan.virtualOptions().get(i).service(),
                            real);
                    entries.merge(new ProbeKey(real.target(), real.check()), List.of(entry), MonitorFiles::both);
                }
            }
        }
    }

    private static List<Entry> both(List<Entry> some, List<Entry> others) {
        return Stream.concat(some.stream(), others.stream()).toList();
    }

    void write(ProbeKey probe, CheckResult result) {
        if (!MonitorLine.isWritten(probe.spec(), result)) {
            return;
        }
        for (Entry entry : entries.getOrDefault(probe, List.of())) {
            String line = MonitorLine.of(
                    CTIME.format(ZonedDateTime.now(ZoneId.systemDefault())),
                    ProcessHandle.current().pid(),
                    entry.virtual(),
                    entry.service(),
                    entry.real(),
                    result);
            try {
                Files.writeString(
                        entry.file(),
                        line + "\n",
                        StandardCharsets.UTF_8,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
            } catch (IOException e) {
                if (complainedOf.add(entry.file())) {
                    complaints.accept("can not write monitorfile " + entry.file() + ": " + e.getMessage());
                }
            }
        }
    }
}
