/** The commands: what a word on the command line means, and what is printed. What needs the daemon asks it through the control socket. */
@NullMarked
package org.halvs.ha.cli;

import org.jspecify.annotations.NullMarked;
