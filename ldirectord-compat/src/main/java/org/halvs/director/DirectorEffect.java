package org.halvs.director;

/** Something the director wants done in the world, besides its table. */
public sealed interface DirectorEffect {

    /**
     * Runs a {@code fallbackcommand}.
     *
     * @param command as configured, for a shell
     * @param starting {@code true} when the last real server is gone, {@code false} when one is back
     * @param service {@code 192.0.2.10:80}, or the number of a firewall mark
     * @param protocol {@code tcp}, {@code udp} or {@code fwm}
     */
    record FallbackCommand(String command, boolean starting, String service, String protocol)
            implements DirectorEffect {

        /** The line for the shell: {@code /usr/local/sbin/sorry start 192.0.2.10:80 tcp}. */
        public String shellLine() {
            return command + (starting ? " start " : " stop ") + service + " " + protocol;
        }
    }
}
