/**
 * What forwarding costs: packets of every path through {@link org.halvs.ipvs.forward.IpvsProcessor}, new connections, the connection table beside a
 * naive one, and a flood. Runs by {@code make bench}, never in a build.
 */
@NullMarked
package org.halvs.bench;

import org.jspecify.annotations.NullMarked;
