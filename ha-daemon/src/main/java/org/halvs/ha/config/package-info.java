/**
 * heartbeat's three files as immutable values: ha.cf, authkeys and haresources, read as heartbeat 3.0.6 reads them.
 *
 * <p>Readers are pure: text in, {@link org.halvs.dialect.Parsed} out, with every problem of the file at once. What they must ask the machine (is there
 * such an interface, such a user?) goes through {@link org.halvs.ha.config.HostFacts}. Where heartbeat has a text for a problem, that text is the
 * message; the remedy is ours. Source of truth: the man pages ha.cf(5), authkeys(5), and the recorded answers of heartbeat 3.0.6.
 */
@NullMarked
package org.halvs.ha.config;

import org.jspecify.annotations.NullMarked;
