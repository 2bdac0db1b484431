package org.halvs.ha.membership.path;

import java.util.ArrayList;
import java.util.List;
import org.halvs.linux.DeviceStream;
import org.halvs.linux.Errno;
import org.halvs.linux.LinuxException;
import org.halvs.linux.SocketEndpoint;

/**
 * Asks a peer's kernel, on every path, whether the peer still listens there: a TCP connection that is refused says no, one that comes about says yes. (A UDP
 * datagram would be answered by an ICMP error, of which Linux sends two and then makes pauses of a second.) Confined to the thread {@code paths}.
 */
final class EndProbe {
    /** What a kernel answered. */
    enum Answer {
        REFUSED,
        LISTENS,
        NOTHING
    }

    private record Target(String device, SocketEndpoint peer) {}

    private final List<Target> targets = new ArrayList<>();
    private final List<DeviceStream> streams = new ArrayList<>();

    List<DeviceStream> streams() {
        return streams;
    }

    void add(String device, SocketEndpoint peer) {
        targets.add(new Target(device, peer));
    }

    /** Asks once more; what was not answered until now is given up. */
    void ask() {
        streams.forEach(DeviceStream::close);
        streams.clear();
        for (Target target : targets) {
            try {
                streams.add(DeviceStream.connect(target.device, target.peer));
            } catch (LinuxException _) {
                // this path can't be asked; the others are
            }
        }
    }

    /** What came on one of the streams. */
    Answer answer(DeviceStream stream) {
        if (!stream.isConnecting()) {
            return Answer.NOTHING;
        }
        int error = stream.finishConnecting();
        stream.close();
        streams.remove(stream);
        if (error == 0) {
            return Answer.LISTENS;
        }
        return error == Errno.ECONNREFUSED.number() ? Answer.REFUSED : Answer.NOTHING;
    }

    void close() {
        streams.forEach(DeviceStream::close);
        streams.clear();
        targets.clear();
    }
}
