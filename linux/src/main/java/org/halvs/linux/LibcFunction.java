package org.halvs.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.Collections;

/**
 * A function of libc with at most six integers and pointers as arguments. It leaves {@link Libc#errno} behind.
 *
 * <p>All of them are called in one form, by one method handle with six arguments of 64 bits, however many they have. The JDK makes fourteen classes for a form
 * at every start, since its cache can't keep them; with the 23 forms these functions have in C a start took a quarter of a second of processor time more.
 *
 * <p>On 64-bit Linux one form is right for all, as the calling conventions say (System V ABI, AMD64 supplement, 3.2.3 and 3.5.7; AAPCS64, 6.8 and 6.9):
 *
 * <ul>
 *   <li>{@code int}, {@code long} and pointer come in the same registers, one each; of that of an {@code int} the function looks at the lower half. It does not
 *       read the registers of arguments it does not have.
 *   <li>A function whose arguments vary in number, here {@code open} and {@code ioctl}, finds them where others find theirs. On x86-64 it has to be told in
 *       {@code al} that none is a floating-point number, which others ignore. So all are called like one of that kind.
 *   <li>The register of a result that is an {@code int} has anything in its upper half, which is cut off ({@link #ofInt}).
 * </ul>
 *
 * <p>To this form a pointer is a number. So the methods see to what the JDK sees to where an argument is memory: that C can reach it, that its arena is open,
 * to this thread, and that the garbage collector leaves it alone during the call. That no other thread closes a shared arena meanwhile is up to its owner.
 *
 * @param wide whether the result has 64 bits
 */
record LibcFunction(MemorySegment address, boolean wide) {
    private static final int MOST_ARGUMENTS = 6;
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle CALL = LINKER.downcallHandle(
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    Collections.nCopies(MOST_ARGUMENTS, ValueLayout.JAVA_LONG).toArray(MemoryLayout[]::new)),
            Linker.Option.captureCallState("errno"),
            Linker.Option.firstVariadicArg(2));

    /**
     * One whose result is an {@code int}.
     *
     * @throws IllegalStateException when this libc has no such function
     */
    static LibcFunction ofInt(String name) {
        return new LibcFunction(find(name), false);
    }

    /**
     * One whose result is a {@code long}, a {@code ssize_t} or a pointer.
     *
     * @throws IllegalStateException when this libc has no such function
     */
    static LibcFunction ofLong(String name) {
        return new LibcFunction(find(name), true);
    }

    private static MemorySegment find(String name) {
        return LINKER.defaultLookup()
                .find(name)
                .orElseThrow(() -> new IllegalStateException("libc has no function " + name));
    }

    /** Calls it with integers; makes an array, so what is called often has a method of its own. */
    long call(long... arguments) {
        if (arguments.length > MOST_ARGUMENTS) {
            throw new IllegalArgumentException("more than six arguments: " + arguments.length);
        }
        long[] all = Arrays.copyOf(arguments, MOST_ARGUMENTS);
        return invoke(all[0], all[1], all[2], all[3], all[4], all[5]);
    }

    // One for each order of integers and pointers that is needed. They allocate nothing.

    long call(MemorySegment a) {
        return call(a, 0);
    }

    long call(MemorySegment a, long b) {
        return call(a, b, 0);
    }

    long call(MemorySegment a, long b, long c) {
        return keeping(a, invoke(pointer(a), b, c, 0, 0, 0));
    }

    long call(MemorySegment a, long b, MemorySegment c, MemorySegment d) {
        return keeping(a, keeping(c, keeping(d, invoke(pointer(a), b, pointer(c), pointer(d), 0, 0))));
    }

    long call(long a, MemorySegment b, MemorySegment c) {
        return keeping(b, keeping(c, invoke(a, pointer(b), pointer(c), 0, 0, 0)));
    }

    long call(long a, MemorySegment b, long c) {
        return call(a, b, c, 0);
    }

    long call(long a, MemorySegment b, long c, long d) {
        return keeping(b, invoke(a, pointer(b), c, d, 0, 0));
    }

    long call(long a, MemorySegment b, long c, long d, MemorySegment e, long f) {
        return keeping(b, keeping(e, invoke(a, pointer(b), c, d, pointer(e), f)));
    }

    long call(long a, MemorySegment b, long c, long d, MemorySegment e, MemorySegment f) {
        return keeping(f, call(a, b, c, d, e, pointer(f)));
    }

    long call(long a, long b, MemorySegment c) {
        return keeping(c, invoke(a, b, pointer(c), 0, 0, 0));
    }

    long call(long a, long b, long c, MemorySegment d) {
        return call(a, b, c, d, 0);
    }

    long call(long a, long b, long c, MemorySegment d, long e) {
        return keeping(d, invoke(a, b, c, pointer(d), e, 0));
    }

    long call(long a, long b, long c, MemorySegment d, MemorySegment e) {
        return keeping(e, call(a, b, c, d, pointer(e)));
    }

    private long invoke(long a, long b, long c, long d, long e, long f) {
        try {
            long result = (long) CALL.invokeExact(address, Libc.errnoBuffer(), a, b, c, d, e, f);
            return wide ? result : (int) result;
        } catch (Throwable thrown) {
            throw new IllegalStateException("a downcall threw", thrown); // a fault of this program: C does not throw
        }
    }

    private static long pointer(MemorySegment memory) {
        if (!memory.isNative() || !memory.scope().isAlive() || !memory.isAccessibleBy(Thread.currentThread())) {
            throw new IllegalArgumentException("not for C to use, or no longer: " + memory);
        }
        return memory.address();
    }

    /** The result of a call, and the memory it got the address of: as an argument that is evaluated before the call, it stays until that is over. */
    @SuppressWarnings("ReachabilityFenceUsage") // a call that throws has not reached C, so it needs no finally
    private static long keeping(MemorySegment memory, long result) {
        Reference.reachabilityFence(memory);
        return result;
    }
}
