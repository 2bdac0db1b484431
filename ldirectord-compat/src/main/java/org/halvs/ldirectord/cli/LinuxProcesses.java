package org.halvs.ldirectord.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The processes of this machine. */
final class LinuxProcesses implements Processes {
    private static final Duration PAUSE = Duration.ofMillis(20);

    @Override
    public boolean isDirector(long pid) {
        try {
            String words = Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
            return words.contains("ldirectord");
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void terminate(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
    }

    /** The Java runtime can send TERM and KILL only; the shell can send the others. */
    @Override
    public void hangUp(long pid) {
        try {
            new ProcessBuilder("/bin/sh", "-c", "kill -HUP " + pid)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new IllegalStateException("no shell to send a signal with: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean awaitEnd(long pid, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        try {
            while (isDirector(pid)) {
                if (end - System.nanoTime() <= 0) {
                    return false;
                }
                Thread.sleep(PAUSE);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
