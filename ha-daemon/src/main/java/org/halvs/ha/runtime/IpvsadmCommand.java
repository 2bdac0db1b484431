package org.halvs.ha.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.halvs.ha.control.Answer;
import org.halvs.ha.control.RequestHandler;
import org.halvs.ipvs.ConnectionPage;
import org.halvs.ipvs.ForwardingStats;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.Timeouts;
import org.halvs.ipvs.admin.AdminBackend;
import org.halvs.ipvs.admin.Ipvsadm;
import org.halvs.ipvs.admin.KernelError;
import org.halvs.ipvs.admin.Outcome;
import org.halvs.ipvs.admin.SyncDaemon;
import org.halvs.ipvs.admin.SyncDaemons;
import org.halvs.ipvs.admin.SystemNameService;
import org.halvs.ipvs.plane.ForwardingPlane;
import org.halvs.linux.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * {@code ipvsadm} against the table of this daemon. Thread-safe. A command is read and its output is made on the thread of its connection, because
 * names in it may have to be looked up; each change of the table is one step on the control thread.
 */
final class IpvsadmCommand {
    private static final int REFUSED_BY_KERNEL = 255;
    private static final int CONNECTIONS_AT_ONCE = 1000;

    private final Editor editor;
    private final ForwardingPlane plane;
    private final Supplier<List<SyncDaemon>> ownDaemons;
    /** Started by hand, or by LVSSyncDaemonSwap. Guarded by itself. */
    private final SyncDaemons startedDaemons = new SyncDaemons(IpvsadmCommand::isInterface);

    private final Ipvsadm ipvsadm = new Ipvsadm(new SystemNameService());

    /** Changes a table in one step. */
    @FunctionalInterface
    interface Editor {
        /**
         * @param change answers the very table it is given when nothing is to be changed
         * @return the first service that differs and is not an operator's to change, and then nothing was changed; else empty
         */
        Optional<ServiceKey> edit(UnaryOperator<ForwardingTable> change);
    }

    /** @param editor asked on the thread of the command */
    IpvsadmCommand(ForwardingPlane plane, Editor editor) {
        this(plane, editor, List::of);
    }

    /** @param ownDaemons what is shown as synchronisation daemons while none was started by hand */
    IpvsadmCommand(ForwardingPlane plane, Editor editor, Supplier<List<SyncDaemon>> ownDaemons) {
        this.editor = editor;
        this.plane = plane;
        this.ownDaemons = ownDaemons;
    }

    /**
     * Runs one command line.
     *
     * @param input what {@code -R} reads
     * @param progress gets the parts of a long listing; the answer is what follows them
     * @throws IOException when {@code progress} does
     */
    Answer run(List<String> arguments, String input, RequestHandler.Progress progress) throws IOException {
        Backend backend = new Backend();
        Outcome outcome;
        try {
            outcome = ipvsadm.run(arguments, input, backend, part -> {
                try {
                    progress.print(part);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw new IOException("whoever asked for a listing did not wait for its end", e);
        }
        return backend.refused.isEmpty()
                ? new Answer(outcome.stdout(), outcome.stderr(), outcome.exitStatus())
                : new Answer(outcome.stdout(), outcome.stderr() + backend.refused, REFUSED_BY_KERNEL);
    }

    private static boolean isInterface(String name) {
        try {
            return NetworkInterface.getByName(name) != null;
        } catch (SocketException _) {
            return false;
        }
    }

    /** One command's view of the daemon. */
    private final class Backend implements AdminBackend {
        private final StringBuilder refused = new StringBuilder();

        @Override
        public ForwardingTable table() {
            return plane.table();
        }

        @Override
        public void apply(ForwardingTable table) {
            edit(_ -> table);
        }

        @Override
        public void edit(UnaryOperator<ForwardingTable> change) {
            AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
            Optional<ServiceKey> kept = editor.edit(table -> {
                try {
                    return change.apply(table);
                } catch (RuntimeException e) { // a fault in one command is no reason to distrust the node
                    failure.set(e);
                    return table;
                }
            });
            RuntimeException thrown = failure.get();
            if (thrown != null) {
                throw thrown;
            }
            kept.ifPresent(
                    key -> refused.append("halvs: ")
                            .append(key)
                            .append(
                                    " is kept as its ldirectord configuration says; change that file, or say halvs drain or halvs weight\n"));
        }

        @Override
        public boolean usableAsServer(IpAddress address) {
            return ServerAddresses.usable(address);
        }

        @Override
        public ForwardingStats stats() {
            return plane.stats();
        }

        @Override
        public ConnectionPage connections(int from) {
            return plane.connections(from, CONNECTIONS_AT_ONCE);
        }

        @Override
        public Timeouts timeouts() {
            return plane.timeouts();
        }

        @Override
        public void changeTimeouts(Timeouts timeouts) {
            plane.changeTimeouts(timeouts);
        }

        @Override
        public void zero(Optional<ServiceKey> key) {
            plane.zero(key);
        }

        @Override
        public List<SyncDaemon> syncDaemons() {
            synchronized (startedDaemons) {
                List<SyncDaemon> started = startedDaemons.running();
                return started.isEmpty() ? ownDaemons.get() : started;
            }
        }

        @Override
        public Optional<KernelError> startSyncDaemon(SyncDaemon daemon) {
            synchronized (startedDaemons) {
                return startedDaemons.start(daemon);
            }
        }

        @Override
        public Optional<KernelError> stopSyncDaemon(SyncDaemon.Role role) {
            synchronized (startedDaemons) {
                return startedDaemons.stop(role);
            }
        }
    }
}
