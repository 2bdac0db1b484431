/**
 * Health becomes a forwarding table here: the only place that knows both checks and IPVS. Pure: no input or output, no clock, no thread.
 *
 * <p>Any dialect compiles to a {@link org.halvs.director.ServicePlan}; the {@code Director} takes the plan and the results of checks and says
 * what the table should be. It is confined to whoever calls it, the control loop.
 */
@NullMarked
package org.halvs.director;

import org.jspecify.annotations.NullMarked;
