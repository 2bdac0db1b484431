package org.halvs.linux;

import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * A watchdog device (kernel: Documentation/watchdog/watchdog-api.rst): once it is open, the machine is reset unless it is written to in time. Anything else
 * that can be written to, a FIFO or a file, works as well and resets nothing. Confined to one thread.
 */
public final class WatchdogDevice implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(WatchdogDevice.class.getName());
    private static final LibcFunction WRITE = LibcFunction.ofLong("write");

    /** {@code _IOWR('W', 6, int)}. */
    private static final long WDIOC_SETTIMEOUT = 0xc004_5706L;

    /** What makes a device that was told so stop counting when it is closed ({@code nowayout} forbids it). */
    private static final byte MAGIC_CLOSE = 'V';

    private static final byte TICKLE = 0;

    private final Descriptor device;
    private final String name;

    private WatchdogDevice(Descriptor device, String name) {
        this.device = device;
        this.name = name;
    }

    /**
     * Opens the device, which starts the countdown.
     *
     * @param timeoutSeconds 1 or more; a device that can't count so long counts as it likes, which is said in the log
     * @throws LinuxException {@code EBUSY} when another program has it, {@code ENOENT} when there is none
     */
    public static WatchdogDevice open(Path file, int timeoutSeconds) {
        WatchdogDevice opened = new WatchdogDevice(Descriptor.openForReadingAndWriting(file), file.toString());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment timeout = arena.allocateFrom(ValueLayout.JAVA_INT, timeoutSeconds);
            PacketCalls.ioctl(opened.device, WDIOC_SETTIMEOUT, "WDIOC_SETTIMEOUT", timeout, opened.name);
        } catch (LinuxException e) {
            LOG.log(Level.WARNING, "{0} keeps its own timeout: {1}", file, e.getMessage());
        }
        return opened;
    }

    /**
     * Begins the countdown anew.
     *
     * @throws LinuxException when the device does not take it
     */
    public void tickle() {
        write(TICKLE);
    }

    /** Ends the countdown, where the kernel allows that, and closes the device. */
    @Override
    public void close() {
        try {
            write(MAGIC_CLOSE);
        } catch (LinuxException e) {
            LOG.log(Level.WARNING, "{0} goes on counting: {1}", name, e.getMessage());
        } finally {
            device.close();
        }
    }

    private void write(byte value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, value);
            if (WRITE.call(device.number(), bytes, 1) < 0) {
                throw new LinuxException("write", Libc.errno(), name);
            }
        }
    }
}
