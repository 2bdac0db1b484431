package org.halvs.linux;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * An open handle of a network namespace, as {@code ip netns} makes them. Thread-safe.
 *
 * <p>A namespace belongs to a thread, not to the process: sockets opened, and platform threads started, by a thread
 * that has entered one belong to it for good, whoever uses them later. Virtual threads have no namespace of their own,
 * they are where their carriers are.
 */
public final class NetworkNamespace implements AutoCloseable {
    private static final LibcFunction SETNS = LibcFunction.ofInt("setns");
    private static final int CLONE_NEWNET = 0x4000_0000;
    private static final Path NAMED = Path.of("/run/netns");

    private final String name;
    private final Descriptor handle;

    private NetworkNamespace(String name, Descriptor handle) {
        this.name = name;
        this.handle = handle;
    }

    /**
     * Opens the namespace that {@code ip netns add NAME} made.
     *
     * @throws LinuxException {@code ENOENT} when there is none of this name
     */
    public static NetworkNamespace open(String name) {
        return new NetworkNamespace(name, Descriptor.openForReading(NAMED.resolve(name)));
    }

    /** Opens the namespace behind a file, {@code /proc/PID/ns/net} for instance. */
    public static NetworkNamespace open(Path file) {
        return new NetworkNamespace(file.toString(), Descriptor.openForReading(file));
    }

    /** The name it was opened by. */
    public String name() {
        return name;
    }

    /**
     * Moves the calling thread into this namespace, for the rest of the thread's life or until it enters another.
     *
     * @throws IllegalStateException on a virtual thread, which would move its carrier and everything that runs on it
     *     later
     * @throws LinuxException when the kernel refuses ({@code EPERM} without {@code CAP_SYS_ADMIN})
     */
    public void enter() {
        Libc.requirePlatformThread("entering network namespace " + name);
        if (SETNS.call(handle.number(), CLONE_NEWNET) < 0) {
            throw new LinuxException("setns", Libc.errno(), "network namespace " + name);
        }
    }

    /**
     * Runs a piece of code on a fresh platform thread inside this namespace and waits for its end. The calling thread
     * stays where it is.
     *
     * @throws ExecutionException with what the code threw as its cause
     * @throws InterruptedException when the caller is interrupted while it waits; the code is interrupted too
     */
    public <T> T call(Callable<T> code) throws ExecutionException, InterruptedException {
        FutureTask<T> task = new FutureTask<>(() -> {
            enter();
            return code.call();
        });
        Thread thread = Thread.ofPlatform().name("netns-" + name).daemon(true).start(task);
        try {
            return task.get();
        } catch (InterruptedException e) {
            thread.interrupt();
            throw e;
        }
    }

    /** Gives the handle back. Threads and sockets inside the namespace stay there. */
    @Override
    public void close() {
        handle.close();
    }
}
