/**
 * Which agent a resource of haresources gets: one of ours, or a script of the site. Ours need no shell and answer
 * within milliseconds; a site's own script of the same name in {@code ETC/resource.d} goes before them. The addresses'
 * agents stand in {@code org.halvs.resource.address}.
 */
@NullMarked
package org.halvs.resource.builtin;

import org.jspecify.annotations.NullMarked;
