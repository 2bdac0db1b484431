package org.halvs.linux;

/** Signals to all processes of a group, {@code kill(2)}: the one way to end a script together with what it started. */
public final class ProcessGroup {
    private static final LibcFunction KILL = LibcFunction.ofInt("kill");
    private static final int SIGKILL = 9;
    private static final int SIGTERM = 15;

    private ProcessGroup() {}

    /** Asks all processes of the group to end. No such group is no error. */
    public static void terminate(long leader) {
        signal(leader, SIGTERM);
    }

    /** Ends all processes of the group. No such group is no error. */
    public static void kill(long leader) {
        signal(leader, SIGKILL);
    }

    private static void signal(long leader, int signal) {
        if (leader <= 1 || leader > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("not the leader of a process group: " + leader);
        }
        if (KILL.call(-leader, signal) < 0 && !Libc.errno().equals(Errno.ESRCH)) {
            throw new LinuxException("kill", Libc.errno(), "process group " + leader);
        }
    }
}
