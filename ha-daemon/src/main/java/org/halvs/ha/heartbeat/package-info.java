/**
 * What heartbeat's users see, made from what HALVS knows: the output of its commands, its parameters, its log lines, the calls of its rc.d
 * scripts. Pure; the source of truth is heartbeat 3.0.6 in its haresources style, recorded.
 */
@NullMarked
package org.halvs.ha.heartbeat;

import org.jspecify.annotations.NullMarked;
