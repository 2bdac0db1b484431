/**
 * What a node owns: resources, the groups they form, and the agents that start and stop them.
 *
 * <p>An agent does what it is told, blocking, once; in which order and on which node is decided in {@code org.halvs.ha}. Floating addresses
 * stand in {@code org.halvs.resource.address}, scripts in {@code org.halvs.resource.script}.
 */
@NullMarked
package org.halvs.resource;

import org.jspecify.annotations.NullMarked;
