/** Tests of the director: scenario files that read like a log, and the code that plays them. */
@NullMarked
package org.halvs.director;

import org.jspecify.annotations.NullMarked;
