/** The daemon's entry point and composition root: the only place where real sockets, threads and clocks are chosen and put together. */
@NullMarked
package org.halvs.ha;

import org.jspecify.annotations.NullMarked;
