package org.halvs.ipvs.capture;

/**
 * One Ethernet frame of a capture.
 *
 * @param timeNanos since 1970-01-01 UTC
 * @param interfaceName where it was captured; empty when the file does not say
 * @param originalLength on the wire; more than {@code bytes} has when the capture cut the frame off
 */
public record CapturedFrame(long timeNanos, String interfaceName, FrameBytes bytes, int originalLength) {

    /** A whole frame. */
    public CapturedFrame(long timeNanos, String interfaceName, FrameBytes bytes) {
        this(timeNanos, interfaceName, bytes, bytes.length());
    }
}
