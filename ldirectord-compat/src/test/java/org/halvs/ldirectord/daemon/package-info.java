/** Tests of the standalone ldirectord. */
@NullMarked
package org.halvs.ldirectord.daemon;

import org.jspecify.annotations.NullMarked;
