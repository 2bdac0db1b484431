package org.halvs.ha.runtime;

import java.util.concurrent.locks.ReentrantLock;
import org.halvs.resource.GroupHealth;
import org.jspecify.annotations.Nullable;

/** Where what is done with one group goes one after the other. */
final class Lane {
    final ReentrantLock lock = new ReentrantLock();
    /** Of a held group; changed under the lock. */
    volatile @Nullable GroupHealth health;

    /** Whether the group is given to another node and lingers here for what is on its way; changed under the lock. */
    volatile boolean handingOver;

    private @Nullable Thread asking;
    private boolean urgent;

    /** Somebody has to do something with the group: a question to a resource is not worth waiting for. */
    synchronized void interruptQuestions() {
        urgent = true;
        if (asking != null) {
            asking.interrupt();
        }
    }

    synchronized void nothingUrgent() {
        urgent = false;
    }

    /** Whether the calling thread may ask; it may be interrupted until {@link #asked}. */
    synchronized boolean ask() {
        asking = urgent ? null : Thread.currentThread();
        return !urgent;
    }

    /** Whether the answer counts. */
    synchronized boolean asked() {
        asking = null;
        boolean _ = Thread.interrupted();
        return !urgent;
    }
}
