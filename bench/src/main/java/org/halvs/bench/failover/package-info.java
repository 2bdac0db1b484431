/** What a client notices when a director fails, with HALVS and with the programs it replaces or competes with, side by side in one run. */
@NullMarked
package org.halvs.bench.failover;

import org.jspecify.annotations.NullMarked;
