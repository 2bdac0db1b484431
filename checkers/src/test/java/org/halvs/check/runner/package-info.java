/** Tests of the schedule in virtual time and of the runner on real threads. */
@NullMarked
package org.halvs.check.runner;

import org.jspecify.annotations.NullMarked;
