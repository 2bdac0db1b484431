/**
 * The Linux system calls HALVS needs, by the foreign function interface of the JDK: sockets, netlink, packet rings, namespaces.
 *
 * <p>Nothing outside this package touches {@code java.lang.foreign} symbols of libc. The package has no policy: it does what it is told,
 * once, and turns {@code errno} into {@link org.halvs.linux.LinuxException}. What decides, retries or waits stands in the modules above.
 */
@NullMarked
package org.halvs.linux;

import org.jspecify.annotations.NullMarked;
