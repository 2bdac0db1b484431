/** The rules of the house, as tests: what may know what. ARCHITECTURE.md gives the reasons. */
@NullMarked
package org.halvs.architecture;

import org.jspecify.annotations.NullMarked;
