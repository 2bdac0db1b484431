@org.jspecify.annotations.NullMarked
package org.halvs.ha.membership;
