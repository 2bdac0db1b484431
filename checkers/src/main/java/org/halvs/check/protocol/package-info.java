/**
 * The probes themselves: one class a service type, each a short exchange over a plain socket.
 *
 * <p>{@link org.halvs.check.protocol.HealthCheckers} makes the checker of a {@link org.halvs.check.CheckSpec}. A service class only speaks its protocol, in
 * one of two styles: most hold a {@code Dialogue}, blocking, on the virtual thread of the probe; those that are made ten thousand times a second, http and
 * connect, are a {@link org.halvs.check.Conversation}, which is told what came and says what to do next, so that the runner holds its connection. What
 * connection errors, silence and garbage mean is decided once, in {@code ExchangeFailure}. Whatever a server sends, a probe ends by its deadline, holds a
 * bounded amount of memory and answers with a result.
 *
 * <p>Texts of an {@link org.halvs.check.CheckSpec.Exchange} and of answers are bytes written as characters (ISO-8859-1), as ldirectord's
 * regular expressions see them.
 */
@NullMarked
package org.halvs.check.protocol;

import org.jspecify.annotations.NullMarked;
