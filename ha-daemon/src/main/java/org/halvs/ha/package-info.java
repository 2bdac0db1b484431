/** The program: {@link org.halvs.ha.Halvs} hands the command line to {@code cli}; the daemon is put together in {@code runtime}. */
@NullMarked
package org.halvs.ha;

import org.jspecify.annotations.NullMarked;
