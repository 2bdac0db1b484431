package org.halvs.check.protocol;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What is kept of an answer to match it: at most {@link #MAX_BYTES}, and all probes together at most {@link #MAX_SHARED_BYTES} beyond the first
 * {@link #FREE_BYTES} of each. What does not fit is dropped; matching is on what was kept. Confined to the thread of its probe.
 */
final class AnswerBody implements AutoCloseable {
    /** The longest answer that is looked at. */
    static final int MAX_BYTES = 1024 * 1024;

    /** What all probes in flight may keep together beyond {@link #FREE_BYTES} each. */
    static final long MAX_SHARED_BYTES = 64L * 1024 * 1024;

    /** What every answer may always hold. */
    static final int FREE_BYTES = 4096;

    private static final AtomicLong SHARED = new AtomicLong();
    private static final byte[] NOTHING = new byte[0];

    private byte[] bytes = NOTHING;
    private int length;
    private int reserved;

    /** Adds bytes; answers whether there was room for all of them. */
    boolean append(byte[] from, int offset, int count) {
        int room = ensure(length + count) - length;
        int taken = Math.min(count, room);
        System.arraycopy(from, offset, bytes, length, taken);
        length += taken;
        return taken == count;
    }

    private int ensure(int wanted) {
        if (wanted <= bytes.length) {
            return bytes.length;
        }
        int size = Math.min(MAX_BYTES, Math.max(wanted, Math.max(512, bytes.length * 2)));
        int extra = size <= FREE_BYTES ? 0 : size - FREE_BYTES - reserved;
        if (extra > 0) {
            if (SHARED.addAndGet(extra) > MAX_SHARED_BYTES) {
                SHARED.addAndGet(-extra);
                size = Math.min(size, Math.max(bytes.length, FREE_BYTES));
            } else {
                reserved += extra;
            }
        }
        if (size > bytes.length) {
            bytes = Arrays.copyOf(bytes, size);
        }
        return bytes.length;
    }

    /** Forgets what was kept, but not the room for it. */
    void clear() {
        length = 0;
    }

    int length() {
        return length;
    }

    /** The bytes as characters (ISO-8859-1), a view. */
    CharSequence text() {
        return ReceivePattern.textOf(bytes, length);
    }

    /** The first {@code max} bytes as a text. */
    String start(int max) {
        return ReceivePattern.textOf(bytes, Math.min(length, max)).toString();
    }

    @Override
    public void close() {
        SHARED.addAndGet(-reserved);
        reserved = 0;
    }

    static long sharedBytes() {
        return SHARED.get();
    }
}
