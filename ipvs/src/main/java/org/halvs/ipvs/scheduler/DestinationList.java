package org.halvs.ipvs.scheduler;

import org.jspecify.annotations.Nullable;

/** The real servers of a service in the kernel's order: a new one goes to the head. */
public final class DestinationList {
    private @Nullable Destination head;
    private int size;

    /** The newest, or null when there is none. */
    public @Nullable Destination head() {
        return head;
    }

    public int size() {
        return size;
    }

    public void add(Destination added) {
        added.next = head;
        added.previous = null;
        if (head != null) {
            head.previous = added;
        }
        head = added;
        added.available(true);
        size++;
    }

    public void remove(Destination removed) {
        if (removed.previous == null) {
            head = removed.next;
        } else {
            removed.previous.next = removed.next;
        }
        if (removed.next != null) {
            removed.next.previous = removed.previous;
        }
        removed.next = null;
        removed.previous = null;
        removed.available(false);
        size--;
    }
}
