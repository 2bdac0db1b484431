package org.halvs.resource.builtin;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.linux.IpAddress;
import org.halvs.linux.LinuxException;
import org.halvs.linux.PortBlock;
import org.halvs.resource.ActionResult;
import org.halvs.resource.ResourceAgent;

/**
 * {@code portblock::tcp::80,443::block[::address]} at the beginning of a line and {@code …::unblock} at its end: between
 * the two, packets for these ports are dropped, so that clients try again instead of being refused while the service is
 * not there yet, or no longer.
 *
 * <p>Only what this host's own programs serve is dropped: a director's virtual services are taken before, and do not
 * need it, since forwarding begins before the address is announced.
 */
public final class PortBlockAgent implements ResourceAgent {
    private static final int TCP = 6;
    private static final int UDP = 17;

    private final PortBlocks blocks;
    private final List<PortBlock.Blocked> ports;
    private final boolean blocking;
    private final Optional<String> wrong;
    private boolean started;

    /** An agent for the arguments of haresources; wrong ones make one that never starts and says why. */
    public PortBlockAgent(List<String> arguments, PortBlocks blocks) {
        this.blocks = blocks;
        List<PortBlock.Blocked> read = new ArrayList<>();
        this.wrong = read(arguments, read);
        this.ports = List.copyOf(read);
        this.blocking = arguments.size() > 2 && arguments.get(2).equals("block");
    }

    /** What is wrong; empty when nothing is. */
    private static Optional<String> read(List<String> arguments, List<PortBlock.Blocked> into) {
        if (arguments.size() < 3) {
            return Optional.of("too few arguments; write portblock::tcp::80,443::block");
        }
        int protocol = switch (arguments.get(0)) {
            case "tcp" -> TCP;
            case "udp" -> UDP;
            default -> 0;
        };
        if (protocol == 0) {
            return Optional.of("'" + arguments.get(0) + "' is neither tcp nor udp");
        }
        String action = arguments.get(2);
        if (!action.equals("block") && !action.equals("unblock")) {
            return Optional.of("'" + action + "' is neither block nor unblock");
        }
        String text = String.join("::", arguments.subList(3, arguments.size())); // of an IPv6 address the pieces
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        Optional<IpAddress> parsed = IpAddress.parse(address);
        boolean everywhere = address.isEmpty() || address.equals("0.0.0.0");
        if (!everywhere && parsed.isEmpty()) {
            return Optional.of("'" + address + "' is not an IP address");
        }
        for (String word : arguments.get(1).split(",", -1)) {
            if (!word.matches("[1-9][0-9]{0,4}") || Integer.parseInt(word) > 65_535) {
                return Optional.of("'" + word + "' is not a port; names are not looked up here");
            }
            into.add(new PortBlock.Blocked(protocol, Integer.parseInt(word), everywhere ? Optional.empty() : parsed));
        }
        return Optional.empty();
    }

    @Override
    public ActionResult start() {
        if (wrong.isPresent()) {
            return new ActionResult.Failed(2, "portblock: " + wrong.get());
        }
        return change(blocking, true);
    }

    @Override
    public ActionResult stop() {
        // what never opened ports does not close them either: nobody would open them again
        return wrong.isPresent() || (!blocking && !started) ? ActionResult.done() : change(!blocking, false);
    }

    private ActionResult change(boolean block, boolean nowStarted) {
        try {
            blocks.change(ports, block);
            started = nowStarted;
            return ActionResult.done();
        } catch (LinuxException e) {
            return new ActionResult.Failed(1, "portblock: " + e.getMessage());
        }
    }

    @Override
    public ActionResult status() {
        return started ? ActionResult.done() : new ActionResult.NotRunning();
    }
}
