/** A measurement of the runner under load, started by hand. */
@NullMarked
package org.halvs.check.load;

import org.jspecify.annotations.NullMarked;
