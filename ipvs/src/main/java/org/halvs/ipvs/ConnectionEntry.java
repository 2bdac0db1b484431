package org.halvs.ipvs;

import java.util.Optional;
import org.halvs.linux.IpAddress;

/**
 * One line of {@code ipvsadm -L -c}: a connection or a persistence template.
 *
 * @param protocol the number in the IP header; 0 for the template of a firewall mark
 * @param expiresSeconds time left, rounded down
 * @param state as listed: {@code ESTABLISHED}, {@code UDP}, {@code ASSURED}
 * @param clientPort 0 for a template
 * @param engine the persistence engine, with {@code engineData} what it goes by
 */
public record ConnectionEntry(
        int protocol,
        long expiresSeconds,
        String state,
        IpAddress client,
        int clientPort,
        IpAddress virtual,
        int virtualPort,
        IpAddress destination,
        int destinationPort,
        ForwardingMethod method,
        boolean template,
        Optional<String> engine,
        String engineData) {}
