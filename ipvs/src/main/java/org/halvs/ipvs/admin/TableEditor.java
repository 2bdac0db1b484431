package org.halvs.ipvs.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.VirtualService;
import org.halvs.linux.IpAddress;

/** Changes a table by one command, with the kernel's checks in the kernel's order ({@code net/netfilter/ipvs/ip_vs_ctl.c}). */
public final class TableEditor {

    /** What became of a command. */
    public sealed interface Edited {
        record Done(ForwardingTable table) implements Edited {}

        record Refused(KernelError error) implements Edited {}
    }

    /** The lookup table of Maglev has this many cells; a service with more servers can't be added. */
    private static final int MAGLEV_CELLS = 4093;

    private final Predicate<IpAddress> usableAddress;

    /** @param usableAddress whether an address is unicast or one of this machine; others can't be real servers */
    public TableEditor(Predicate<IpAddress> usableAddress) {
        this.usableAddress = usableAddress;
    }

    public Edited edit(ForwardingTable table, AdminCommand.TableCommand command) {
        return switch (command) {
            case AdminCommand.AddService add ->
                table.entry(add.request().key()).isPresent()
                        ? refused(KernelError.EEXIST)
                        : store(table, add.request(), List.of());
            case AdminCommand.EditService edit ->
                table.entry(edit.request().key())
                        .map(entry -> store(table, edit.request(), entry.servers()))
                        .orElseGet(() -> refused(KernelError.ESRCH));
            case AdminCommand.DeleteService delete ->
                table.entry(delete.key()).isPresent()
                        ? new Edited.Done(table.without(delete.key()))
                        : refused(KernelError.ESRCH);
            case AdminCommand.Flush _ -> new Edited.Done(new ForwardingTable(table.revision() + 1, List.of()));
            case AdminCommand.AddServer add ->
                table.entry(add.key())
                        .map(entry -> add(table, entry, add.server()))
                        .orElseGet(() -> refused(KernelError.ESRCH));
            case AdminCommand.EditServer edit ->
                table.entry(edit.key())
                        .map(entry -> replace(table, entry, edit.server()))
                        .orElseGet(() -> refused(KernelError.ESRCH));
            case AdminCommand.DeleteServer delete ->
                table.entry(delete.key())
                        .map(entry -> remove(table, entry, delete.server()))
                        .orElseGet(() -> refused(KernelError.ESRCH));
        };
    }

    private static Edited store(ForwardingTable table, ServiceRequest request, List<RealServer> servers) {
        Optional<VirtualService> service = request.service();
        if (service.isEmpty()) {
            return refused(KernelError.ENOENT);
        }
        return new Edited.Done(table.with(new ForwardingTable.Entry(service.get(), servers)));
    }

    private Edited add(ForwardingTable table, ForwardingTable.Entry entry, RealServer server) {
        Optional<KernelError> wrong = wrong(entry, server);
        if (wrong.isPresent()) {
            return refused(wrong.get());
        }
        if (entry.server(server).isPresent()) {
            return refused(KernelError.EEXIST);
        }
        boolean maglevFull = entry.service().scheduler() == SchedulerKind.MH
                && entry.servers().size() >= MAGLEV_CELLS;
        if (maglevFull || !usableAddress.test(server.address())) {
            return refused(KernelError.EINVAL);
        }
        List<RealServer> servers = new ArrayList<>(entry.servers());
        servers.addFirst(server); // __ip_vs_update_dest puts a new one at the head
        return new Edited.Done(table.with(new ForwardingTable.Entry(entry.service(), servers)));
    }

    private static Edited replace(ForwardingTable table, ForwardingTable.Entry entry, RealServer server) {
        Optional<KernelError> wrong = wrong(entry, server);
        if (wrong.isPresent()) {
            return refused(wrong.get());
        }
        if (entry.server(server).isEmpty()) {
            return refused(KernelError.ENOENT);
        }
        List<RealServer> servers = new ArrayList<>(entry.servers());
        servers.replaceAll(old -> old.sameDestination(server) ? server : old);
        return new Edited.Done(table.with(new ForwardingTable.Entry(entry.service(), servers)));
    }

    /** What is wrong with a server whatever else the service has; looked at before anything else. */
    private static Optional<KernelError> wrong(ForwardingTable.Entry entry, RealServer server) {
        boolean otherFamily = server.address().family() != entry.service().key().family();
        if (otherFamily && server.method() != ForwardingMethod.TUNNEL) {
            return Optional.of(KernelError.EINVAL);
        }
        return server.lowerThreshold() > server.upperThreshold() ? Optional.of(KernelError.ERANGE) : Optional.empty();
    }

    private static Edited remove(ForwardingTable table, ForwardingTable.Entry entry, RealServer server) {
        if (entry.server(server).isEmpty()) {
            return refused(KernelError.ENOENT);
        }
        List<RealServer> servers = new ArrayList<>(entry.servers());
        servers.removeIf(server::sameDestination);
        return new Edited.Done(table.with(new ForwardingTable.Entry(entry.service(), servers)));
    }

    private static Edited refused(KernelError error) {
        return new Edited.Refused(error);
    }
}
