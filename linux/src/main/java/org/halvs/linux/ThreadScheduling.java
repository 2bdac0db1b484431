package org.halvs.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How urgent the threads of this process are to the kernel ({@code sched(7)}). */
public final class ThreadScheduling {
    private static final LibcFunction SCHED_SETSCHEDULER = LibcFunction.ofInt("sched_setscheduler");
    private static final int SCHED_RR = 2;
    /** What such a thread starts, a script for instance, is an ordinary process again. */
    private static final int SCHED_RESET_ON_FORK = 0x40000000;

    private static final Path TASKS = Path.of("/proc/self/task");

    private ThreadScheduling() {}

    /** A thread of this process: its number to the kernel and its name there, cut to 15 bytes. */
    public record NativeThread(int number, String name) {}

    /** All threads of this process, those of the virtual machine included; empty where {@code /proc} is not mounted. */
    public static List<NativeThread> threads() {
        List<NativeThread> threads = new ArrayList<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
            for (Path task : tasks) {
                name(task)
                        .ifPresent(name -> threads.add(new NativeThread(
                                Integer.parseInt(task.getFileName().toString()), name)));
            }
        } catch (IOException _) {
            return List.of();
        }
        return List.copyOf(threads);
    }

    private static Optional<String> name(Path task) {
        try {
            return Optional.of(Files.readString(task.resolve("comm")).strip());
        } catch (IOException _) {
            return Optional.empty(); // it has ended
        }
    }

    /**
     * Lets the calling thread run before everything that is not real-time, in turns with others of its priority. Platform threads only.
     *
     * @param priority 1 to 99
     * @return why the kernel refuses: {@code EPERM} without {@code CAP_SYS_NICE} or where a control group has no real-time budget; empty when it does not
     */
    public static Optional<LinuxException> realTime(int priority) {
        Libc.requirePlatformThread("real-time scheduling");
        return set(0, priority, "the thread " + Thread.currentThread().getName());
    }

    /** As {@link #realTime(int)}, for another thread of this process. */
    public static Optional<LinuxException> realTime(NativeThread thread, int priority) {
        return set(thread.number(), priority, "the thread " + thread.name());
    }

    private static Optional<LinuxException> set(int thread, int priority, String subject) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment parameter = arena.allocateFrom(ValueLayout.JAVA_INT, priority); // struct sched_param
            return SCHED_SETSCHEDULER.call(thread, SCHED_RR | SCHED_RESET_ON_FORK, parameter) < 0
                    ? Optional.of(new LinuxException("sched_setscheduler", Libc.errno(), subject))
                    : Optional.empty();
        }
    }
}
