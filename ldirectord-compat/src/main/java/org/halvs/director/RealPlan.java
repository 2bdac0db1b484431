package org.halvs.director;

import org.halvs.check.CheckSpec;
import org.halvs.check.CheckTarget;
import org.halvs.ipvs.RealServer;

/**
 * A configured real server of a virtual service.
 *
 * @param server with its full weight, and the port it has in the table
 * @param target where it is checked
 * @param configuredPort the port its {@code real =} line names, 0 when it names none; differs from the server's for gate and ipip
 * @param line of the {@code real =} directive, from 1
 */
public record RealPlan(RealServer server, CheckSpec check, CheckTarget target, int configuredPort, int line) {}
