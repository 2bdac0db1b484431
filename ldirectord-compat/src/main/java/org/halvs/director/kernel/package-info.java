/**
 * The forwarding table kept in the kernel's ip_vs, through the ipvsadm program: what ldirectord did, for {@code plane: kernel}.
 *
 * <p>{@link org.halvs.director.kernel.TableDiff} and the readers of listings are pure; {@link org.halvs.director.kernel.KernelTable} compares
 * and repairs, confined to one thread; {@link org.halvs.director.kernel.KernelPlane} gives it that thread. Processes are started behind
 * {@link org.halvs.director.kernel.IpvsadmProgram}, with a twin that keeps the table in memory.
 */
@NullMarked
package org.halvs.director.kernel;

import org.jspecify.annotations.NullMarked;
