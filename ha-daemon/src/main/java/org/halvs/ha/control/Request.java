package org.halvs.ha.control;

import java.util.List;

/**
 * What a command asks of the daemon.
 *
 * @param command the command's name, {@code status} or {@code ipvsadm}
 * @param arguments its arguments as typed
 * @param input its standard input where it reads one, else empty
 */
public record Request(String command, List<String> arguments, String input) {
    public Request {
        arguments = List.copyOf(arguments);
    }

    public static Request of(String command, String... arguments) {
        return new Request(command, List.of(arguments), "");
    }
}
