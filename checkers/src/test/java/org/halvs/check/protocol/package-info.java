/** Tests of the protocol clients against scripted servers on loopback and against real ones where they are installed. */
@NullMarked
package org.halvs.check.protocol;

import org.jspecify.annotations.NullMarked;
