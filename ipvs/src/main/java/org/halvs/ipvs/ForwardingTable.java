package org.halvs.ipvs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * The whole desired table: every virtual service with its real servers. Immutable; a change makes a new one with a higher revision.
 *
 * <p>The real servers of a service stand in the kernel's order, the newest first, because order decides ties in every scheduler
 * ({@code __ip_vs_update_dest} puts a new destination at the head of the list).
 */
public final class ForwardingTable {

    /** A service with its real servers, newest first. */
    public record Entry(VirtualService service, List<RealServer> servers) {
        public Entry {
            servers = List.copyOf(servers);
        }

        public Optional<RealServer> server(RealServer like) {
            return servers.stream()
                    .filter(server -> server.sameDestination(like))
                    .findFirst();
        }
    }

    /** No service at all, revision 0. */
    public static final ForwardingTable EMPTY = new ForwardingTable(0, List.of());

    private final long revision;
    private final SequencedMap<ServiceKey, Entry> entries;

    /**
     * @param revision 0 or higher; grows by one with each published change
     * @param entries in the order in which the services were added; two of one key are an {@link IllegalArgumentException}
     */
    public ForwardingTable(long revision, List<Entry> entries) {
        this.revision = revision;
        this.entries = new LinkedHashMap<>();
        for (Entry entry : entries) {
            if (this.entries.put(entry.service().key(), entry) != null) {
                throw new IllegalArgumentException(
                        "two services for " + entry.service().key());
            }
        }
    }

    public long revision() {
        return revision;
    }

    /** All services in the order in which they were added. */
    public List<Entry> entries() {
        return List.copyOf(entries.sequencedValues());
    }

    public Optional<Entry> entry(ServiceKey key) {
        return Optional.ofNullable(entries.get(key));
    }

    /** This table with {@code entry} in the place of the one of its key, or at the end when there is none; revision one higher. */
    public ForwardingTable with(Entry entry) {
        Map<ServiceKey, Entry> changed = new LinkedHashMap<>(entries);
        changed.put(entry.service().key(), entry);
        return new ForwardingTable(revision + 1, new ArrayList<>(changed.values()));
    }

    /** This table without the service of {@code key}, revision one higher. */
    public ForwardingTable without(ServiceKey key) {
        Map<ServiceKey, Entry> changed = new LinkedHashMap<>(entries);
        changed.remove(key);
        return new ForwardingTable(revision + 1, new ArrayList<>(changed.values()));
    }

    /** Whether both tables forward alike, whatever their revisions. */
    public boolean sameContent(ForwardingTable other) {
        return entries().equals(other.entries());
    }

    @Override
    public String toString() {
        return "revision " + revision + " with " + entries.size() + " services";
    }
}
