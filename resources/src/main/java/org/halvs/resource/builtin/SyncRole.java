package org.halvs.resource.builtin;

/** Which part this node has in keeping connections the same on both directors: {@code LVSSyncDaemonSwap}. */
@FunctionalInterface
public interface SyncRole {

    /** The kernel's words for the two parts ({@code ipvsadm --start-daemon}). */
    enum Role {
        MASTER,
        BACKUP
    }

    /** Takes a part; the one it has already is no change. */
    void take(Role role);
}
