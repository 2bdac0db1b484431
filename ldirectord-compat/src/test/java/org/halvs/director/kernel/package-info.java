/** Tests of the kernel's table through ipvsadm. */
@NullMarked
package org.halvs.director.kernel;

import org.jspecify.annotations.NullMarked;
