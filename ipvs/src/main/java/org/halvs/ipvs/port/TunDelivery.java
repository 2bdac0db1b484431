package org.halvs.ipvs.port;

import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;
import org.halvs.ipvs.forward.Offload;
import org.halvs.linux.LinuxException;
import org.halvs.linux.TunDevice;
import org.halvs.linux.VirtioNetHeader;
import org.jspecify.annotations.Nullable;

/** Delivers by the TUN device {@value #DEVICE}, which is made when the first packet needs it. Confined to the worker's thread. */
public final class TunDelivery implements LocalDelivery {
    /** The name of the device. The guard lets pass what comes in by it. */
    public static final String DEVICE = "halvs0";

    private static final System.Logger LOGGER = System.getLogger(TunDelivery.class.getName());
    private static final int ETHERNET_BYTES = 14;
    private static final int MTU_BYTES = 65535;
    private static final long RETRY_NANOS = 5_000_000_000L;

    private final LongSupplier nanoTime;
    private @Nullable TunDevice device;
    private boolean loopback;
    private boolean failed;
    private long failedNanos;

    /** @param nanoTime a monotonic clock */
    public TunDelivery(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    @Override
    public boolean deliver(MemorySegment segment, long offset, int length, Offload offload) {
        TunDevice open = open();
        if (open == null) {
            return false;
        }
        try {
            open.inject(
                    segment,
                    offset + ETHERNET_BYTES,
                    length - ETHERNET_BYTES,
                    offload.isChecksumPartial() ? VirtioNetHeader.NEEDS_CHECKSUM : 0,
                    offload.gsoType(),
                    Math.max(0, offload.headerLength() - ETHERNET_BYTES),
                    offload.gsoSize(),
                    offload.isChecksumPartial() ? offload.checksumStart() - ETHERNET_BYTES : 0,
                    offload.checksumOffset());
            return true;
        } catch (LinuxException e) {
            LOGGER.log(Level.DEBUG, "a packet for this machine was refused: {0}", e.getMessage());
            return false;
        }
    }

    @Override
    public void acceptLoopback(boolean accept) {
        boolean changed = accept != loopback;
        loopback = accept;
        if (changed && device != null) {
            acceptLoopback(device);
        }
    }

    private void acceptLoopback(TunDevice open) {
        try {
            open.acceptLoopback(loopback);
        } catch (UncheckedIOException e) {
            LOGGER.log(
                    Level.WARNING,
                    "real servers on loopback addresses get no packets: {0}: {1}",
                    e.getMessage(),
                    e.getCause());
        }
    }

    private @Nullable TunDevice open() {
        if (device != null || failed && nanoTime.getAsLong() - failedNanos < RETRY_NANOS) {
            return device;
        }
        try {
            TunDevice opened = TunDevice.open(DEVICE, MTU_BYTES);
            opened.acceptAnySource();
            if (loopback) {
                acceptLoopback(opened);
            }
            device = opened;
            failed = false;
        } catch (RuntimeException e) {
            LOGGER.log(
                    failed ? Level.DEBUG : Level.WARNING,
                    "real servers on this machine itself get no packets, for lack of a TUN device: {0}",
                    e.getMessage());
            failed = true;
            failedNanos = nanoTime.getAsLong();
        }
        return device;
    }

    @Override
    public void close() {
        if (device != null) {
            device.close();
            device = null;
        }
    }
}
