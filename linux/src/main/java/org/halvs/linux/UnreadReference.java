package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A second reference to an open file, in a message on a socket to oneself that nobody reads ({@code SCM_RIGHTS}, unix(7)). When the process is killed the kernel closes
 * the descriptors of all files one after the other, in an order that is the kernel's affair, and those who wait for the end of one wait for the slow ones before it. A
 * file that is in such a message too is closed only when the message goes, and what its going closes comes after all the rest ({@code task_work_run},
 * {@code kernel/task_work.c}).
 */
final class UnreadReference {
    private static final LibcFunction SOCKETPAIR = LibcFunction.ofInt("socketpair");
    private static final LibcFunction SENDMSG = LibcFunction.ofLong("sendmsg");

    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM_CLOEXEC = 0x80002;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    /** struct msghdr and struct cmsghdr with one descriptor, where pointers have 64 bits. */
    private static final int HEADER_BYTES = 56;

    private static final int CONTROL_BYTES = 24;
    private static final long CONTROL_LENGTH = 20;

    private UnreadReference() {}

    /**
     * Makes one.
     *
     * @return what holds it: the file stays open until this is closed
     * @throws LinuxException when there are too many files, EMFILE or ETOOMANYREFS
     */
    static Descriptor to(int number, String subject) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pair = arena.allocate(8, 4);
            if (SOCKETPAIR.call(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0, pair) < 0) {
                throw new LinuxException("socketpair", Libc.errno(), subject);
            }
            Descriptor holder = Descriptor.adopt(pair.get(ValueLayout.JAVA_INT, 0), subject);
            try (Descriptor sender = Descriptor.adopt(pair.get(ValueLayout.JAVA_INT, 4), subject)) {
                if (SENDMSG.call(sender.number(), messageWith(number, arena), MSG_DONTWAIT) < 0) {
                    LinuxException refused = new LinuxException("sendmsg", Libc.errno(), subject);
                    holder.close();
                    throw refused;
                }
            }
            return holder;
        }
    }

    private static MemorySegment messageWith(int number, Arena arena) {
        MemorySegment text = arena.allocate(1);
        MemorySegment vector = arena.allocate(16, 8);
        vector.set(ValueLayout.ADDRESS, 0, text);
        vector.set(ValueLayout.JAVA_LONG, 8, text.byteSize());
        MemorySegment control = arena.allocate(CONTROL_BYTES, 8);
        control.set(ValueLayout.JAVA_LONG, 0, CONTROL_LENGTH);
        control.set(ValueLayout.JAVA_INT, 8, SOL_SOCKET);
        control.set(ValueLayout.JAVA_INT, 12, SCM_RIGHTS);
        control.set(ValueLayout.JAVA_INT, 16, number);
        MemorySegment header = arena.allocate(HEADER_BYTES, 8);
        header.set(ValueLayout.ADDRESS, 16, vector);
        header.set(ValueLayout.JAVA_LONG, 24, 1);
        header.set(ValueLayout.ADDRESS, 32, control);
        header.set(ValueLayout.JAVA_LONG, 40, CONTROL_BYTES);
        return header;
    }
}
