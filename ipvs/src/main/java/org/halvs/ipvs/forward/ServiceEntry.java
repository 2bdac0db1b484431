package org.halvs.ipvs.forward;

import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.scheduler.DestinationList;
import org.halvs.ipvs.scheduler.Scheduler;

/** A virtual service at work. */
final class ServiceEntry {
    final ServiceKey key;
    final DestinationList servers = new DestinationList();
    final Counters counters = new Counters();
    VirtualService service;
    Scheduler scheduler;
    boolean deleted;

    ServiceEntry(VirtualService service, Scheduler scheduler) {
        this.key = service.key();
        this.service = service;
        this.scheduler = scheduler;
    }

    /** The port of the service; 0 for every port and for firewall marks. */
    int port() {
        return key instanceof ServiceKey.AddressKey address ? address.port() : 0;
    }

    /** The firewall mark, or 0. */
    long mark() {
        return key instanceof ServiceKey.FirewallMark mark ? mark.mark() : 0;
    }
}
