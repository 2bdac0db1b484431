/**
 * The command {@code ldirectord}: its arguments, verbs, texts, exit statuses, pid files and log lines, around the daemon of
 * {@code org.halvs.ldirectord.daemon}.
 *
 * <p>What words mean ({@link org.halvs.ldirectord.cli.Invocation}) and how lines look ({@link org.halvs.ldirectord.cli.LogLine}) is pure; other
 * processes, pid files and the start of a daemon stand behind small interfaces. A verb that is about a running daemon goes by its pid file and
 * does not mind whether the configuration is in order: only a start needs that.
 */
@NullMarked
package org.halvs.ldirectord.cli;

import org.jspecify.annotations.NullMarked;
