/** What the readers of all configuration dialects share: how they report what is wrong with a file. Immutable values. */
@NullMarked
package org.halvs.dialect;

import org.jspecify.annotations.NullMarked;
