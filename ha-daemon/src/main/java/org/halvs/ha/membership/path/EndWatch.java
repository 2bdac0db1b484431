package org.halvs.ha.membership.path;

import java.util.ArrayList;
import java.util.List;
import org.halvs.linux.DeviceStream;

/** Follows the end of a peer's life line to its cause: {@link EndConfirmation} decides, {@link EndProbe} asks. Confined to the thread {@code paths}. */
final class EndWatch {
    private final EndConfirmation confirmation = new EndConfirmation();
    private final EndProbe probe = new EndProbe();
    private boolean changed;

    /** The life line ended; the peer's kernel is to be asked on the paths where the peer was heard. */
    void begin(Peer peer, List<PathSpec> paths, long nowNanos) {
        if (!confirmation.isActive()) {
            for (int path = 0; path < paths.size(); path++) {
                String device = paths.get(path).link();
                peer.endpoint(path).ifPresent(endpoint -> probe.add(device, endpoint));
            }
            confirmation.begin(nowNanos);
        }
    }

    boolean isActive() {
        return confirmation.isActive();
    }

    void heard() {
        confirmation.heard();
    }

    /** Asks when that is due. */
    void tick(long nowNanos) {
        boolean wasActive = confirmation.isActive();
        if (confirmation.probeIsDue(nowNanos)) {
            probe.ask();
            changed = true;
        } else if (wasActive && !confirmation.isActive()) {
            end();
        }
    }

    /** An answer came; says whether it settles that the peer has ended. */
    boolean answered(DeviceStream stream, long nowNanos) {
        if (!probe.streams().contains(stream)) {
            return false;
        }
        changed = true;
        return switch (probe.answer(stream)) {
            case REFUSED -> confirmation.refused(nowNanos);
            case LISTENS -> {
                confirmation.heard();
                yield false;
            }
            case NOTHING -> false; // the path is down; the others may answer
        };
    }

    List<DeviceStream> streams() {
        return new ArrayList<>(probe.streams());
    }

    /** Whether other streams are to be waited for than at the last call. */
    boolean takeChanged() {
        boolean result = changed;
        changed = false;
        return result;
    }

    long nextDueNanos() {
        return confirmation.nextDueNanos();
    }

    void end() {
        confirmation.end();
        changed |= !probe.streams().isEmpty();
        probe.close();
    }
}
