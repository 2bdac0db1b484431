@NullMarked
package org.halvs.ha.arbitration;

import org.jspecify.annotations.NullMarked;
