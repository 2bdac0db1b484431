/**
 * The dialect of ldirectord.cf: text becomes a {@link org.halvs.ldirectord.LdirectordConfig} (what the lines say), that becomes a
 * {@link org.halvs.ldirectord.LdirectordPlan} (what is to be done), and everything wrong with the file is told in one go.
 *
 * <p>Pure but for two questions asked of the world, both behind an interface with a Linux implementation and a twin for tests:
 * {@link org.halvs.ldirectord.NameService} for host and service names, {@link org.halvs.ldirectord.ConfigFiles} for the files a
 * configuration names. Everything here is immutable or confined to one call.
 *
 * <p>Source of truth is the observable behaviour of ldirectord 4.12: which lines it accepts, what it takes from them, and the exact words of
 * its first complaint. Where we do as it does although it looks odd, a comment says {@code COMPAT:}.
 */
@NullMarked
package org.halvs.ldirectord;

import org.jspecify.annotations.NullMarked;
