/**
 * A forwarding plane: something that makes traffic follow a {@link org.halvs.ipvs.ForwardingTable}. The in-process plane does it with worker
 * threads of this program.
 */
@NullMarked
package org.halvs.ipvs.plane;

import org.jspecify.annotations.NullMarked;
