package org.halvs.ipvs;

/** Smoothed figures per second, as the kernel's estimator gives them (weight 1/4 every 2 s, {@code net/netfilter/ipvs/ip_vs_est.c}). */
public record TrafficRates(
        long connectionsPerSecond,
        long inPacketsPerSecond,
        long outPacketsPerSecond,
        long inBytesPerSecond,
        long outBytesPerSecond) {
    public static final TrafficRates ZERO = new TrafficRates(0, 0, 0, 0, 0);
}
