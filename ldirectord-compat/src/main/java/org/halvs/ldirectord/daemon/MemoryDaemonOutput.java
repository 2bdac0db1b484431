package org.halvs.ldirectord.daemon;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.halvs.ldirectord.LdirectordOptions;

/** A {@link DaemonOutput} that keeps what is logged in memory. Thread-safe. */
public final class MemoryDaemonOutput implements DaemonOutput {
    private final List<String> lines = new CopyOnWriteArrayList<>();

    @Override
    public void log(String message) {
        lines.add(message);
    }

    @Override
    public void debug(String message) {}

    @Override
    public void follow(LdirectordOptions options) {}

    /** What was logged so far, the oldest first; grows with the log. */
    public List<String> lines() {
        return lines;
    }
}
