package org.halvs.linux;

import java.util.ArrayList;
import java.util.List;

/** A {@link StackRedirect} that only remembers what it was told, for tests without a kernel. Confined to one thread at a time. */
public final class MemoryStackRedirect implements StackRedirect {
    private List<Redirected> redirected = List.of();
    private int calls;
    private boolean loopbackRefused;
    private boolean failing;

    /** From now on as on a kernel that can't answer from loopback addresses, or on one that can. */
    public void refuseLoopback(boolean refuse) {
        loopbackRefused = refuse;
    }

    /** From now on as on a kernel that refuses everything, or not. */
    public void fail(boolean fail) {
        failing = fail;
    }

    @Override
    public List<Refused> redirect(List<Redirected> all) {
        calls++;
        if (failing) {
            throw new LinuxException("nf_tables add table", Errno.EOPNOTSUPP, "table inet halvs_local");
        }
        List<Redirected> taken = new ArrayList<>();
        List<Refused> refused = new ArrayList<>();
        for (Redirected one : all) {
            if (loopbackRefused && one.server().isLoopback()) {
                refused.add(new Refused(one, "no dup"));
            } else {
                taken.add(one);
            }
        }
        redirected = List.copyOf(taken);
        return List.copyOf(refused);
    }

    @Override
    public void remove() {
        redirected = List.of();
    }

    public List<Redirected> redirected() {
        return redirected;
    }

    /** How often {@link #redirect} was called. */
    public int calls() {
        return calls;
    }

    @Override
    public void close() {}
}
