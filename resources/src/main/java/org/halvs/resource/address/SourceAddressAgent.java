package org.halvs.resource.address;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.halvs.linux.IpAddress;
import org.halvs.linux.LinuxException;
import org.halvs.linux.Route;
import org.halvs.linux.Rtnetlink;
import org.halvs.resource.ActionResult;
import org.halvs.resource.ResourceAgent;

/**
 * {@code IPsrcaddr::ip}: connections this host opens have the floating address as their source, by the preferred source
 * of the default route. Of several default routes the one with the smallest metric is changed.
 */
public final class SourceAddressAgent implements ResourceAgent {
    private final Rtnetlink rtnetlink;
    private final String argument;
    private final Optional<IpAddress> address;

    /** What the route preferred before, while it prefers the address. */
    private Optional<IpAddress> previous = Optional.empty();

    /**
     * An agent for the arguments of haresources, of which prefix and interface are not needed; wrong ones make one that
     * never starts.
     */
    public SourceAddressAgent(Rtnetlink rtnetlink, List<String> arguments) {
        this.rtnetlink = rtnetlink;
        this.argument = String.join("::", arguments);
        int slash = argument.indexOf('/');
        this.address = IpAddress.parse(slash < 0 ? argument : argument.substring(0, slash));
    }

    @Override
    public ActionResult start() {
        if (address.isEmpty()) {
            return new ActionResult.Failed(2, "IPsrcaddr: '" + argument + "' is not an IP address");
        }
        IpAddress source = address.get();
        try {
            if (rtnetlink.addresses().stream().noneMatch(own -> own.address().equals(source))) {
                return new ActionResult.Failed(
                        1, "IPsrcaddr: " + source + " is not on this host; put its IPaddr before it in the line");
            }
            Optional<Route> route = defaultRoute(source);
            if (route.isEmpty()) {
                return new ActionResult.Failed(
                        1, "IPsrcaddr: this host has no default route to prefer " + source + " on");
            }
            if (!route.get().preferredSource().equals(address)) {
                rtnetlink.preferSource(route.get(), address);
                previous = route.get().preferredSource();
            }
            return ActionResult.done();
        } catch (LinuxException e) {
            return new ActionResult.Failed(1, "IPsrcaddr: " + e.getMessage());
        }
    }

    @Override
    public ActionResult stop() {
        if (address.isEmpty()) {
            return ActionResult.done();
        }
        try {
            Optional<Route> route = defaultRoute(address.get());
            if (route.isPresent() && route.get().preferredSource().equals(address)) {
                rtnetlink.preferSource(route.get(), stillHere(previous));
            }
            previous = Optional.empty();
            return ActionResult.done();
        } catch (LinuxException e) {
            return new ActionResult.Failed(1, "IPsrcaddr: " + e.getMessage());
        }
    }

    private Optional<IpAddress> stillHere(Optional<IpAddress> source) {
        return source.filter(known ->
                rtnetlink.addresses().stream().anyMatch(own -> own.address().equals(known)));
    }

    @Override
    public ActionResult status() {
        try {
            return address.flatMap(this::defaultRoute)
                                    .flatMap(Route::preferredSource)
                                    .equals(address)
                            && address.isPresent()
                    ? ActionResult.done()
                    : new ActionResult.NotRunning();
        } catch (LinuxException e) {
            return new ActionResult.Failed(1, "IPsrcaddr: " + e.getMessage());
        }
    }

    private Optional<Route> defaultRoute(IpAddress source) {
        return rtnetlink.routes().stream()
                .filter(route -> route.table() == Route.MAIN && route.type() == Route.Type.UNICAST)
                .filter(route ->
                        route.prefixLength() == 0 && route.destination().family() == source.family())
                .min(Comparator.comparingLong(Route::metric));
    }
}
