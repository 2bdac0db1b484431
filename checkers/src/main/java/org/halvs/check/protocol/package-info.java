/**
 * The probes themselves: one class a service type, each a short exchange over a plain socket on the virtual thread of the probe.
 *
 * <p>{@link org.halvs.check.protocol.HealthCheckers} makes the checker of a {@link org.halvs.check.CheckSpec}. A service class only speaks its protocol ({@code Dialogue}); what connection errors, silence
 * and garbage mean is decided once, in {@code GuardedChecker}. Whatever a server sends, a probe ends by its deadline, holds a bounded amount
 * of memory and answers with a result.
 *
 * <p>Texts of an {@link org.halvs.check.CheckSpec.Exchange} and of answers are bytes written as characters (ISO-8859-1), as ldirectord's
 * regular expressions see them.
 */
@NullMarked
package org.halvs.check.protocol;

import org.jspecify.annotations.NullMarked;
