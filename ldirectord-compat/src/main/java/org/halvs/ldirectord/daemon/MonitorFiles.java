package org.halvs.ldirectord.daemon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.halvs.check.CheckResult;
import org.halvs.check.ProbeKey;
import org.halvs.check.Service;
import org.halvs.director.RealPlan;
import org.halvs.director.VirtualPlan;
import org.halvs.ldirectord.LdirectordPlan;

/**
 * Writes a line for each check into the files named by {@code monitorfile}. Confined to the control thread; the lines are written by a thread of
 * its own, for a disk can be slow.
 */
final class MonitorFiles {
    /** More lines than this waiting mean that the disk does not take them; further ones are dropped. */
    private static final int MOST_WAITING = 10_000;

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final DateTimeFormatter CTIME =
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT);

    private final Consumer<String> complaints;
    private final Map<ProbeKey, List<Entry>> entries = new HashMap<>();
    private final Set<Path> complainedOf = ConcurrentHashMap.newKeySet();
    private final ThreadPoolExecutor writer = new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            Thread.ofPlatform().daemon().name("monitor-files").factory(),
            (line, pool) -> dropped());

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
            writer.execute(() -> append(entry.file(), line));
        }
    }

    private void append(Path file, String line) {
        try {
            Files.writeString(
                    file, line + "\n", StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            if (complainedOf.add(file)) {
                complaints.accept("can not write monitorfile " + file + ": " + e.getMessage());
            }
        }
    }

    private void dropped() {
        if (!writer.isShutdown() && complainedOf.add(Path.of("/"))) {
            complaints.accept("monitorfile: the disk is too slow, lines are left out");
        }
    }

    /** Writes what waits, for a limited time, and ends the thread. */
    void finish() {
        writer.shutdown();
        try {
            if (!writer.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                complaints.accept("monitorfile: lines are left unwritten");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        writer.shutdownNow();
    }
}
