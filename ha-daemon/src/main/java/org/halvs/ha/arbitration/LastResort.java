package org.halvs.ha.arbitration;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Restarts this machine at once, without anything being stopped or written: heartbeat's {@code reboot -nf}. */
@FunctionalInterface
public interface LastResort {
    void restart();

    /** By the kernel's magic {@code sysrq} (kernel: Documentation/admin-guide/sysrq.rst), which needs no program and no working disk. */
    static LastResort sysrq() {
        return () -> {
            try {
                Files.writeString(Path.of("/proc/sysrq-trigger"), "b", StandardOpenOption.WRITE);
            } catch (IOException e) {
                System.getLogger(LastResort.class.getName())
                        .log(Level.ERROR, "This machine can''t restart itself: {0}", e.getMessage());
            }
        };
    }
}
