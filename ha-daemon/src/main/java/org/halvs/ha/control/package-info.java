/**
 * How a command on this machine talks to the daemon: a Unix socket in the run directory, mode 0600. One line of JSON asks (a command and its
 * arguments), one line or several answer (what to print, at the end the exit status), so that a command behaves as if the daemon itself were typed.
 */
@NullMarked
package org.halvs.ha.control;

import org.jspecify.annotations.NullMarked;
