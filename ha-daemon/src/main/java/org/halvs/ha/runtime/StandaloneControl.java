package org.halvs.ha.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.halvs.ha.control.Answer;
import org.halvs.ha.control.ControlServer;
import org.halvs.ha.control.Request;
import org.halvs.ha.control.RequestHandler;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.plane.ForwardingPlane;

/**
 * Lets ipvsadm see the table of an ldirectord that forwards by itself, without the daemon of a pair: the same socket at the same place. Its
 * services are the configuration's alone, so that they can be listed and counted anew, and not be changed.
 */
public final class StandaloneControl implements AutoCloseable {
    private static final int USAGE = 2;
    private static final Logger LOG = System.getLogger("halvs");

    private final Optional<RunLock> lock;
    private final Optional<ControlServer> server;

    private StandaloneControl(Optional<RunLock> lock, Optional<ControlServer> server) {
        this.lock = lock;
        this.server = server;
    }

    /** Opens the socket of {@code run}; where another daemon has it, or it can't be made, this one goes without. */
    public static StandaloneControl open(ForwardingPlane plane, Path run) {
        try {
            RunLock lock = RunLock.take(run);
            if (!lock.taken()) {
                LOG.log(Level.INFO, "another daemon answers ipvsadm in {0}", run);
                return new StandaloneControl(Optional.of(lock), Optional.empty());
            }
            IpvsadmCommand ipvsadm =
                    new IpvsadmCommand(plane, change -> refused(plane.table(), change.apply(plane.table())));
            return new StandaloneControl(
                    Optional.of(lock),
                    Optional.of(new ControlServer(run, (request, progress) -> answer(ipvsadm, request, progress))));
        } catch (UncheckedIOException e) {
            LOG.log(Level.WARNING, "ipvsadm can not ask this daemon: " + e.getMessage());
            return new StandaloneControl(Optional.empty(), Optional.empty());
        }
    }

    private static Answer answer(IpvsadmCommand ipvsadm, Request request, RequestHandler.Progress progress)
            throws IOException {
        return request.command().equals("ipvsadm")
                ? ipvsadm.run(request.arguments(), request.input(), progress)
                : Answer.failed(
                        USAGE, "halvs: ldirectord runs alone here, which does not know " + request.command() + "\n");
    }

    /** The first service that would be another one. */
    private static Optional<ServiceKey> refused(ForwardingTable before, ForwardingTable wanted) {
        if (wanted == before) {
            return Optional.empty();
        }
        return Stream.concat(before.entries().stream(), wanted.entries().stream())
                .map(entry -> entry.service().key())
                .filter(key -> !before.entry(key).equals(wanted.entry(key)))
                .findFirst();
    }

    @Override
    public void close() {
        server.ifPresent(ControlServer::close);
        lock.ifPresent(RunLock::close);
    }
}
