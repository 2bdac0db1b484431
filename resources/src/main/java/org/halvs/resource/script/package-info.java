/**
 * Resources that are scripts of the site: where a script is found ({@link org.halvs.resource.script.ScriptLookup}), how
 * one of heartbeat, LSB or OCF is called and its answer understood ({@link org.halvs.resource.script.ScriptCall},
 * pure), and the running of it, with a time limit and everything it started gone when that is over
 * ({@link org.halvs.resource.script.ScriptRunner}). {@link org.halvs.resource.script.ScriptAgent} is the three
 * together.
 */
@NullMarked
package org.halvs.resource.script;

import org.jspecify.annotations.NullMarked;
