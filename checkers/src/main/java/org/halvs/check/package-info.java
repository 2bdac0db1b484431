/**
 * The vocabulary of health checks: what to check ({@link org.halvs.check.CheckSpec}), where ({@link org.halvs.check.CheckTarget}), and what
 * came of it ({@link org.halvs.check.CheckResult}). Immutable values, and what a check is to whoever runs it: a {@link org.halvs.check.HealthChecker}, or a
 * {@link org.halvs.check.StreamChecker} that only hears and speaks.
 *
 * <p>Checks do not know IPVS: what a result means for a weight is decided in {@code org.halvs.director}. Protocol clients stand in
 * {@code org.halvs.check.protocol}, one class a service type; when a probe runs is decided in {@code org.halvs.check.runner}.
 */
@NullMarked
package org.halvs.check;

import org.jspecify.annotations.NullMarked;
