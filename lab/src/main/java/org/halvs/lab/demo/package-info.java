/** What {@code make demo} shows: the main job of HALVS on real packets, one line a claim, with the figures of this very run. */
@NullMarked
package org.halvs.lab.demo;

import org.jspecify.annotations.NullMarked;
