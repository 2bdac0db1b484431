package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory mapped with {@code mmap(2)}: what a descriptor stands for, or anonymous memory that takes room only where it is used. */
public final class MappedMemory {
    /**
     * All of the process's memory, for data structures that keep addresses. What is inside the constant bounds is a plain memory access once
     * compiled; nothing checks that an address belongs to anybody, so whoever uses it checks that himself.
     */
    public static final MemorySegment EVERYTHING = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    /**
     * The bits an address has at most. What is computed from a number under this mask lies within {@link #EVERYTHING} for all the compiler can see,
     * so that no access is preceded by a check of its bounds.
     */
    public static final long ADDRESS = (1L << 56) - 1;

    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED = 1;
    private static final int MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x02 | 0x20 | 0x4000;
    private static final int MADV_HUGEPAGE = 14;

    private static final LibcFunction MMAP = LibcFunction.ofLong("mmap");
    private static final LibcFunction MUNMAP = LibcFunction.ofInt("munmap");
    private static final LibcFunction MADVISE = LibcFunction.ofInt("madvise");

    private MappedMemory() {}

    /**
     * Address space of {@code bytes} bytes, all zero, or of a half, a quarter and so on of that where the system grants no more, but not below
     * {@code least}. The system gives memory to a page when it is first written, in large pages where it has them; closing {@code arena}, or the
     * collection of an automatic one, gives it back.
     *
     * @throws LinuxException when the system does not even grant {@code least} bytes
     */
    public static MemorySegment reserve(long bytes, long least, Arena arena) {
        for (long wanted = bytes; ; wanted /= 2) {
            try {
                return reserve(wanted, arena);
            } catch (LinuxException e) {
                if (wanted / 2 < least) {
                    throw e;
                }
            }
        }
    }

    private static MemorySegment reserve(long bytes, Arena arena) {
        MemorySegment mapped = map(-1, bytes, MAP_PRIVATE_ANONYMOUS_NORESERVE, arena, bytes + " bytes");
        MADVISE.call(mapped, bytes, MADV_HUGEPAGE); // a kernel without large pages refuses, and small ones are used
        return mapped;
    }

    /** Maps the memory a descriptor stands for. Closing {@code arena} unmaps it, and turns every later access into an exception. */
    static MemorySegment map(Descriptor descriptor, long bytes, Arena arena, String subject) {
        return map(descriptor.number(), bytes, MAP_SHARED, arena, subject);
    }

    private static MemorySegment map(int descriptor, long bytes, int flags, Arena arena, String subject) {
        long address = MMAP.call(0, bytes, PROT_READ_WRITE, flags, descriptor, 0);
        if (address == -1) {
            throw new LinuxException("mmap", Libc.errno(), subject);
        }
        return MemorySegment.ofAddress(address).reinterpret(bytes, arena, MappedMemory::unmap);
    }

    private static void unmap(MemorySegment mapped) {
        MUNMAP.call(mapped, mapped.byteSize()); // fails only for an address that was never mapped
    }
}
