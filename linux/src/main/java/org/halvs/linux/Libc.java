package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * What calls of libc have in common: {@link LibcFunction} makes them, {@link #errno} says what went wrong.
 *
 * <p>A blocking call holds the carrier of a virtual thread, so blocking functions are called from platform threads
 * only.
 */
final class Libc {
    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final long ERRNO = CAPTURE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    /** One buffer a thread; it lives as long as the thread, and the garbage collector frees it. */
    private static final ThreadLocal<MemorySegment> BUFFER =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURE));

    private Libc() {}

    /** Where the next call of this thread leaves {@code errno}. */
    static MemorySegment errnoBuffer() {
        return BUFFER.get();
    }

    /** The {@code errno} of this thread's last call; meaningful only after a call that answered -1. */
    static Errno errno() {
        return new Errno(errnoNumber());
    }

    /** As {@link #errno}, for calls that are made too often to make an object each time. */
    static int errnoNumber() {
        return BUFFER.get().get(ValueLayout.JAVA_INT, ERRNO);
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
    static final ValueLayout.OfLong SIZE_T = ValueLayout.JAVA_LONG;
    static final java.lang.foreign.AddressLayout POINTER = ValueLayout.ADDRESS;
}
