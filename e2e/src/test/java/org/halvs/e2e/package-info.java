/** The whole product as its users drive it: real daemons, real packets, in network namespaces each test makes itself. */
@NullMarked
package org.halvs.e2e;

import org.jspecify.annotations.NullMarked;
