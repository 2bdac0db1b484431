package org.halvs.ha.runtime;

import java.util.List;
import java.util.Optional;
import org.halvs.ha.control.Answer;
import org.halvs.ipvs.ConnectionEntry;
import org.halvs.ipvs.ForwardingStats;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.Timeouts;
import org.halvs.ipvs.admin.AdminBackend;
import org.halvs.ipvs.admin.Ipvsadm;
import org.halvs.ipvs.admin.KernelError;
import org.halvs.ipvs.admin.Outcome;
import org.halvs.ipvs.admin.SyncDaemon;
import org.halvs.ipvs.admin.SystemNameService;
import org.halvs.ipvs.plane.ForwardingPlane;
import org.halvs.linux.IpAddress;

/** {@code ipvsadm} against the table of this daemon. Thread-safe; changes are made on the control thread. */
final class IpvsadmCommand {
    private final ControlLoop loop;
    private final Directors directors;
    private final ForwardingPlane plane;
    private final Ipvsadm ipvsadm = new Ipvsadm(new SystemNameService());

    IpvsadmCommand(ControlLoop loop, Directors directors, ForwardingPlane plane) {
        this.loop = loop;
        this.directors = directors;
        this.plane = plane;
    }

    Answer run(List<String> arguments, String input) {
        Backend backend = new Backend();
        Outcome outcome = ipvsadm.run(arguments, input, backend);
        return backend.refused.isEmpty()
                ? new Answer(outcome.stdout(), outcome.stderr(), outcome.exitStatus())
                : Answer.failed(1, backend.refused);
    }

    /** One command's view of the daemon. */
    private final class Backend implements AdminBackend {
        private String refused = "";

        @Override
        public ForwardingTable table() {
            return plane.table();
        }

        @Override
        public void apply(ForwardingTable table) {
            Optional<ServiceKey> kept =
                    loop.ask(() -> directors.applyByHand(table)).join();
            kept.ifPresent(key -> refused = "halvs: " + key
                    + " is kept as its ldirectord configuration says; change that file, and halvs applies it\n");
        }

        @Override
        public boolean usableAsServer(IpAddress address) {
            return !address.isMulticast() && !address.isAny();
        }

        @Override
        public ForwardingStats stats() {
            return plane.stats();
        }

        @Override
        public List<ConnectionEntry> connections() {
            return plane.connections();
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
            return List.of();
        }

        @Override
        public Optional<KernelError> startSyncDaemon(SyncDaemon daemon) {
            return Optional.of(KernelError.EOPNOTSUPP);
        }

        @Override
        public Optional<KernelError> stopSyncDaemon(SyncDaemon.Role role) {
            return Optional.of(KernelError.ESRCH);
        }
    }
}
