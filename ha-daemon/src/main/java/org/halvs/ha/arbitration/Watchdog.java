package org.halvs.ha.arbitration;

import java.nio.file.Path;
import java.time.Duration;
import org.halvs.linux.WatchdogDevice;

/** Resets this machine when it is not told for a while that somebody still decides here. Confined to the control thread. */
public interface Watchdog extends AutoCloseable {

    /** Somebody decides. */
    void tickle();

    /** Nobody is going to, and that is as it should be. */
    @Override
    void close();

    /** No watchdog. */
    static Watchdog none() {
        return new Watchdog() {
            @Override
            public void tickle() {}

            @Override
            public void close() {}
        };
    }

    /**
     * The device of ha.cf's {@code watchdog}, its timeout heartbeat's: deadtime and 10 ms, rounded up to seconds.
     *
     * @throws org.halvs.linux.LinuxException when it can't be opened
     */
    static Watchdog open(Path device, Duration deadtime) {
        WatchdogDevice opened = WatchdogDevice.open(device, timeoutSeconds(deadtime));
        return new Watchdog() {
            @Override
            public void tickle() {
                opened.tickle();
            }

            @Override
            public void close() {
                opened.close();
            }
        };
    }

    static int timeoutSeconds(Duration deadtime) {
        return Math.toIntExact((deadtime.toMillis() + 10 + 999) / 1000);
    }
}
