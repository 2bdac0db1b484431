/**
 * The dialect of Piranha's lvs.cf: text becomes an {@link org.halvs.piranha.LvsFile} (what the lines say), that an
 * {@link org.halvs.piranha.LvsConfig} (what they mean), and that a {@code ServicePlan}.
 *
 * <p>Lexical rules and first complaints are those of Piranha's own parser, which stopped at the first one; we go on and tell everything. Pure
 * but for the names of hosts and ports, which are looked up while the file is read. Immutable values.
 */
@NullMarked
package org.halvs.piranha;

import org.jspecify.annotations.NullMarked;
