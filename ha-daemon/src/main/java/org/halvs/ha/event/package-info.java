/**
 * What happened, and why: every change of owner, weight or membership is a {@link org.halvs.ha.event.DomainEvent} with a reason a person can
 * read at 3 a.m. Log lines, the history and the status are all rendered from it. Values are immutable.
 */
@NullMarked
package org.halvs.ha.event;

import org.jspecify.annotations.NullMarked;
