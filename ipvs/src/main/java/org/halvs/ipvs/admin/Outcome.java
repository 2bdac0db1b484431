package org.halvs.ipvs.admin;

/**
 * What a command line left behind.
 *
 * @param exitStatus 0 for success; 1, 2 or 255 as {@link Ipvsadm} says
 */
public record Outcome(String stdout, String stderr, int exitStatus) {}
