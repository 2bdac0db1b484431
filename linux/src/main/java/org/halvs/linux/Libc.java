package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The one door to libc. Classes of this package bind the functions they need with {@link #bind} and hand
 * {@link #errnoBuffer} to each call as its first argument; {@link #errno} then says what went wrong.
 *
 * <p>A blocking call holds the carrier of a virtual thread, so blocking functions are called from platform threads
 * only.
 */
final class Libc {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    /** One buffer a thread; it lives as long as the thread, and the garbage collector frees it. */
    private static final ThreadLocal<MemorySegment> BUFFER =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURE));

    private Libc() {}

    /**
     * A handle of the C function {@code name} whose first parameter, before those of {@code descriptor}, is
     * {@link #errnoBuffer}.
     *
     * @throws IllegalStateException when this libc has no such function
     */
    static MethodHandle bind(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker.Option[] all = new Linker.Option[options.length + 1];
        all[0] = Linker.Option.captureCallState("errno");
        System.arraycopy(options, 0, all, 1, options.length);
        MemorySegment symbol = LINKER.defaultLookup()
                .find(name)
                .orElseThrow(() -> new IllegalStateException("libc has no function " + name));
        return LINKER.downcallHandle(symbol, descriptor, all);
    }

    /** Where the next call of this thread leaves {@code errno}. */
    static MemorySegment errnoBuffer() {
        return BUFFER.get();
    }

    /** The {@code errno} of this thread's last call; meaningful only after a call that answered -1. */
    static Errno errno() {
        return new Errno((int) ERRNO.get(BUFFER.get(), 0L));
    }

    /** As {@link #errno}, for calls that are made too often to make an object each time. */
    static int errnoNumber() {
        return (int) ERRNO.get(BUFFER.get(), 0L);
    }

    /** What a handle threw, which can only be a fault of this program: handles of C functions do not throw. */
    static IllegalStateException impossible(Throwable thrown) {
        return new IllegalStateException("a downcall threw", thrown);
    }

    /**
     * Refuses virtual threads, whose carrier a blocking call would hold.
     *
     * @param what the operation, for the message
     * @throws IllegalStateException on a virtual thread
     */
    static void requirePlatformThread(String what) {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException(what + " must run on a platform thread, not on the virtual thread "
                    + Thread.currentThread().getName());
        }
    }

    // The C types of this ABI (LP64, little or big endian as the machine is), named as in C.
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    static final ValueLayout.OfLong SIZE_T = ValueLayout.JAVA_LONG;
    static final java.lang.foreign.AddressLayout POINTER = ValueLayout.ADDRESS;
}
