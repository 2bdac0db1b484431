package org.halvs.linux;

/** Something a {@link SocketPoll} can wait for. */
public abstract sealed class PollableSocket implements AutoCloseable
        permits DeviceDatagramSocket, DeviceStream, DeviceStreamListener {
    private final Descriptor descriptor;

    PollableSocket(Descriptor descriptor) {
        this.descriptor = descriptor;
    }

    final Descriptor descriptor() {
        return descriptor;
    }

    final int number() {
        return descriptor.number();
    }

    /** Whether it waits until something can be written, and not until something can be read. */
    boolean awaitsWriting() {
        return false;
    }

    /** Closing twice does nothing. */
    @Override
    public void close() {
        descriptor.close();
    }
}
