package org.halvs.resource.address;

import java.util.List;
import java.util.Optional;
import org.halvs.resource.ActionResult;
import org.halvs.resource.ResourceAgent;
import org.halvs.resource.ResourceSpec;

/**
 * One address of a group as a resource: IPaddr, IPaddr2 and IPv6addr. Several at once are better given to
 * {@link FloatingAddresses}.
 */
public final class AddressAgent implements ResourceAgent {
    private final FloatingAddresses addresses;
    private final AddressRequest.Reading reading;

    private AddressAgent(FloatingAddresses addresses, AddressRequest.Reading reading) {
        this.addresses = addresses;
        this.reading = reading;
    }

    /**
     * The agent of a resource; empty when the resource is no address. Wrong arguments make an agent that never starts
     * and says why.
     */
    public static Optional<AddressAgent> of(ResourceSpec resource, FloatingAddresses addresses) {
        return AddressScript.named(resource.agent())
                .map(script -> new AddressAgent(addresses, AddressRequest.read(script, resource.arguments())));
    }

    /** What the resource asks for, to take several of them in one batch; empty when its arguments are wrong. */
    public Optional<AddressRequest> request() {
        return reading instanceof AddressRequest.Reading.Request(AddressRequest request)
                ? Optional.of(request)
                : Optional.empty();
    }

    @Override
    public ActionResult start() {
        return switch (reading) {
            case AddressRequest.Reading.Request(AddressRequest request) ->
                addresses.start(List.of(request)).getFirst();
            case AddressRequest.Reading.Invalid(String message) -> new ActionResult.Failed(1, message);
        };
    }

    @Override
    public ActionResult stop() {
        return switch (reading) {
            case AddressRequest.Reading.Request(AddressRequest request) ->
                addresses.stop(List.of(request)).getFirst();
            case AddressRequest.Reading.Invalid _ -> ActionResult.done(); // it never started
        };
    }

    @Override
    public ActionResult status() {
        return switch (reading) {
            case AddressRequest.Reading.Request(AddressRequest request) ->
                addresses.status(List.of(request)).getFirst();
            case AddressRequest.Reading.Invalid _ -> new ActionResult.NotRunning();
        };
    }
}
