package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A signal this process ignores because whoever started it did, as {@code nohup} does with HUP ({@code signal(7)}, "Signal dispositions"). The Java
 * runtime respects that, and installs no handler then.
 */
public final class IgnoredSignal {
    private static final LibcFunction SIGACTION = LibcFunction.ofInt("sigaction");
    /** The handler comes first in {@code struct sigaction}, on all 64-bit machines with glibc. */
    private static final int SIGACTION_BYTES = 152;

    private static final long SIG_DFL = 0;
    private static final long SIG_IGN = 1;

    private IgnoredSignal() {}

    /**
     * Gives a signal that is ignored its default meaning back, so that a handler can be installed; does nothing to any other.
     *
     * @throws LinuxException when there is no such signal, or it can't be handled
     */
    public static void heed(int number) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment action = arena.allocate(SIGACTION_BYTES, 8);
            sigaction(number, MemorySegment.NULL, action);
            if (action.get(ValueLayout.JAVA_LONG, 0) == SIG_IGN) {
                action.set(ValueLayout.JAVA_LONG, 0, SIG_DFL);
                sigaction(number, action, MemorySegment.NULL);
            }
        }
    }

    private static void sigaction(int number, MemorySegment set, MemorySegment former) {
        if (SIGACTION.call(number, set, former) < 0) {
            throw new LinuxException("sigaction", Libc.errno(), "signal " + number);
        }
    }
}
