package org.halvs.ldirectord;

import java.util.Optional;
import org.halvs.check.Service;
import org.halvs.ipvs.ServiceKey;

/**
 * What a virtual block says besides what it serves.
 *
 * @param service what its checks speak, or would speak if they did more than connect
 * @param monitorFile where the outcome of every check is written
 * @param comment for mails, empty when there is none
 */
public record VirtualOptions(
        ServiceKey key, Service service, EmailAlert emailAlert, Optional<String> monitorFile, String comment) {}
