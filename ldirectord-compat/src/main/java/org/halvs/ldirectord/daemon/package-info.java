/**
 * ldirectord as a program of its own: one control thread that owns a {@link org.halvs.director.Director} and everything that happens around
 * it. Start with {@link org.halvs.ldirectord.daemon.LdirectordDaemon}.
 *
 * <p>What is decided stands in pure classes ({@code Maintenance}, {@code MailDecisions}, {@code MonitorLine}, {@code ConfigWatch}); what is done
 * in the world goes through small ones that never hold the control thread up.
 */
@NullMarked
package org.halvs.ldirectord.daemon;

import org.jspecify.annotations.NullMarked;
