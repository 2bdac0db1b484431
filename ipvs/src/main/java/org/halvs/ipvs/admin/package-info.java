/**
 * What ipvsadm 1.31 reads and prints: its grammar, its listings, its error texts and exit statuses, byte for byte.
 *
 * <p>A command line goes through three pure steps: {@link org.halvs.ipvs.admin.CommandParser} makes an
 * {@link org.halvs.ipvs.admin.AdminCommand} of it or refuses it as ipvsadm would, {@link org.halvs.ipvs.admin.TableEditor} answers as the
 * kernel would, {@link org.halvs.ipvs.admin.TableListing} prints. {@link org.halvs.ipvs.admin.Ipvsadm} joins them over an
 * {@link org.halvs.ipvs.admin.AdminBackend}. Sources of truth: ipvsadm(8), libipvs, {@code net/netfilter/ipvs/ip_vs_ctl.c}, and the recordings
 * in the test resources. Host and service names are resolved through {@link org.halvs.ipvs.admin.NameService} only.
 */
@NullMarked
package org.halvs.ipvs.admin;

import org.jspecify.annotations.NullMarked;
