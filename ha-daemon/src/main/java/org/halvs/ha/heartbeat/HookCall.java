package org.halvs.ha.heartbeat;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.halvs.ha.event.DomainEvent;

/**
 * A call of a script in rc.d, as heartbeat made it when a message of that type came.
 *
 * @param type the message's type, which is the script's name and its first argument
 * @param fields of the message; the script finds them in its environment with {@code HA_} before their names
 */
public record HookCall(String type, Map<String, String> fields) {
    /** All types heartbeat came with a script for. */
    public static final List<String> TYPES =
            List.of("status", "ip-request", "ip-request-resp", "ask_resources", "hb_takeover");

    public HookCall {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /** The calls an event is worth. */
    public static List<HookCall> of(DomainEvent event, String local) {
        return switch (event) {
            case DomainEvent.NodeStatusChanged changed
            when !changed.local() -> List.of(call("status", "src", changed.node(), "st", changed.status()));
            case DomainEvent.StandbyBegun standby ->
                List.of(call("ask_resources", "src", standby.node(), "rsc_hold", standby.scope(), "info", "me"));
            case DomainEvent.TakeoverRequested request ->
                List.of(call("hb_takeover", "src", request.node(), "rsc_hold", request.scope()));
            case DomainEvent.GroupReleasing releasing ->
                List.of(call("ip-request", "src", local, "ipaddr", releasing.group()));
            case DomainEvent.GroupAcquiring acquiring ->
                List.of(call(
                        "ip-request-resp",
                        "src",
                        local,
                        "dest",
                        local,
                        "ipaddr",
                        acquiring.group(),
                        "ok",
                        "OK",
                        "weown",
                        "yes"));
            default -> List.of();
        };
    }

    private static HookCall call(String type, String... namesAndValues) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("t", type);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new HookCall(type, fields);
    }
}
