package org.halvs.resource.address;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.halvs.linux.Link;
import org.halvs.resource.ResourceGroup;

/**
 * Which interfaces the addresses of each group live on, whether the group is held here or not, and whether these
 * interfaces can carry traffic: they exist, are up and have a carrier. Fed by {@link AddressWatch}.
 * Thread-safe.
 */
public final class LinkWatch {
    private final Listener listener;
    private final Map<String, List<AddressRequest>> requests = new LinkedHashMap<>();
    /** Where a request was found to belong last: without its network nobody could tell any more. */
    private final Map<AddressRequest, String> places = new LinkedHashMap<>();

    private final Map<Watched, Boolean> known = new LinkedHashMap<>();

    private record Watched(String group, String device) {}

    /** Gets to know of interfaces; called on the thread of {@link AddressWatch}, or on that of whoever changes the groups. */
    @FunctionalInterface
    public interface Listener {
        /**
         * An interface that a group needs can carry traffic now, or no longer. Said of each once at the start, and then
         * of every change.
         *
         * @param group the group's key
         */
        void link(String group, String device, boolean up);
    }

    public LinkWatch(List<ResourceGroup> groups, Listener listener) {
        this.listener = listener;
        groups.forEach(group -> requests.put(group.key(), AddressRequest.of(group)));
    }

    /** These are the groups from now on. Of a group whose addresses are others everything is said anew with the next look. */
    synchronized void groups(List<ResourceGroup> changed) {
        Map<String, List<AddressRequest>> before = new LinkedHashMap<>(requests);
        requests.clear();
        changed.forEach(group -> requests.put(group.key(), AddressRequest.of(group)));
        known.keySet().removeIf(watched -> !Objects.equals(before.get(watched.group()), requests.get(watched.group())));
        places.keySet().removeIf(request -> requests.values().stream().noneMatch(some -> some.contains(request)));
    }

    /** Whether the interface of every address is known; if not, an address or route more may tell it. */
    synchronized boolean complete() {
        return requests.values().stream()
                .flatMap(List::stream)
                .allMatch(request -> request.device().isPresent() || places.containsKey(request));
    }

    /** The host is like this now. */
    synchronized void look(HostNetwork network) {
        AddressResolution resolution = new AddressResolution(network);
        requests.forEach((group, addresses) -> {
            Set<String> devices = new LinkedHashSet<>();
            addresses.forEach(request -> place(request, resolution, network).ifPresent(devices::add));
            known.keySet().removeIf(watched -> watched.group().equals(group) && !devices.contains(watched.device()));
            devices.forEach(device -> look(new Watched(group, device), network));
        });
    }

    private void look(Watched watched, HostNetwork network) {
        boolean up = network.link(watched.device())
                .filter(link -> link.up() && link.carrier())
                .isPresent();
        Boolean before = known.put(watched, up);
        if (before == null || before != up) {
            listener.link(watched.group(), watched.device(), up);
        }
    }

    private Optional<String> place(AddressRequest request, AddressResolution resolution, HostNetwork network) {
        if (request.device().isPresent()) {
            return request.device();
        }
        String before = places.get(request);
        boolean lost = before != null
                && network.link(before).filter(Link::up).isEmpty(); // its routes went with it, others may fit by chance
        if (!lost
                && resolution.resolve(request) instanceof AddressResolution.Resolved.Address(FloatingAddress address)) {
            places.put(request, address.device());
            return Optional.of(address.device());
        }
        return Optional.ofNullable(before);
    }
}
