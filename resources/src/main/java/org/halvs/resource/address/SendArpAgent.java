package org.halvs.resource.address;

import java.util.List;
import java.util.Optional;
import org.halvs.linux.IpAddress;
import org.halvs.linux.Link;
import org.halvs.linux.MacAddress;
import org.halvs.linux.Rtnetlink;
import org.halvs.resource.ActionResult;
import org.halvs.resource.ResourceAgent;

/**
 * {@code SendArp::ip/interface}: announces an address that others put on the host, or that is to be drawn here without
 * it.
 */
public final class SendArpAgent implements ResourceAgent {
    private final Rtnetlink rtnetlink;
    private final Announcer announcer;
    private final Optional<IpAddress> address;
    private final String device;
    private final String argument;
    private boolean started;

    /** An agent for the arguments of haresources; wrong ones make one that never starts and says why. */
    public SendArpAgent(Rtnetlink rtnetlink, Announcer announcer, List<String> arguments) {
        this.rtnetlink = rtnetlink;
        this.announcer = announcer;
        this.argument = String.join("::", arguments);
        int slash = argument.indexOf('/');
        this.address = IpAddress.parse(slash < 0 ? argument : argument.substring(0, slash));
        this.device = slash < 0 ? "" : argument.substring(slash + 1);
    }

    @Override
    public ActionResult start() {
        if (address.isEmpty() || device.isEmpty()) {
            return new ActionResult.Failed(
                    2, "SendArp: '" + argument + "' is not of the form address/interface; both are needed");
        }
        Optional<Link> link = rtnetlink.links().stream()
                .filter(candidate -> candidate.name().equals(device))
                .findFirst();
        Optional<MacAddress> mac = link.flatMap(Link::mac);
        if (link.isEmpty() || mac.isEmpty() || link.get().hardwareType() != Link.ETHERNET) {
            return new ActionResult.Failed(1, "SendArp: there is no Ethernet interface " + device);
        }
        announcer.announce(List.of(
                new Announcer.Announcement(link.get().index(), mac.get(), address.get(), Forwarding.ipv6(device))));
        started = true;
        return ActionResult.done();
    }

    @Override
    public ActionResult stop() {
        address.ifPresent(announced -> announcer.cancel(List.of(announced)));
        started = false;
        return ActionResult.done();
    }

    @Override
    public ActionResult status() {
        return started ? ActionResult.done() : new ActionResult.NotRunning();
    }
}
