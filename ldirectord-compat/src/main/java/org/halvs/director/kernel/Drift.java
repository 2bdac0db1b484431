package org.halvs.director.kernel;

import org.halvs.director.ServerName;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.ServiceKey;

/** Something in the kernel's table that somebody else changed. */
public sealed interface Drift {

    ServiceKey service();

    /** What was found, one line: {@code server 127.0.0.2:80 (192.0.2.10:80) was removed by somebody else}. */
    String describe();

    /** A whole service is gone, with its servers. */
    record ServiceRemoved(ServiceKey service) implements Drift {
        @Override
        public String describe() {
            return "service " + ServerName.ofService(service) + " was removed by somebody else";
        }
    }

    /** A service has another scheduler, persistence or flag. */
    record ServiceChanged(ServiceKey service) implements Drift {
        @Override
        public String describe() {
            return "service " + ServerName.ofService(service) + " was changed by somebody else";
        }
    }

    /** One server of a service that is still there is gone. */
    record ServerRemoved(ServiceKey service, RealServer server) implements Drift {
        @Override
        public String describe() {
            return named(service, server) + " was removed by somebody else";
        }
    }

    /** A server appeared that nobody asked for. */
    record ServerAdded(ServiceKey service, RealServer server) implements Drift {
        @Override
        public String describe() {
            return named(service, server) + " was added by somebody else, with weight " + server.weight();
        }
    }

    /** A server has another weight, method or threshold. */
    record ServerChanged(ServiceKey service, RealServer before, RealServer now) implements Drift {
        @Override
        public String describe() {
            String what = before.weight() == now.weight()
                    ? "has another method or threshold"
                    : "had its weight changed from " + before.weight() + " to " + now.weight();
            return named(service, now) + " " + what + " by somebody else";
        }
    }

    private static String named(ServiceKey service, RealServer server) {
        return "server " + ServerName.of(server).listed() + " (" + ServerName.ofService(service) + ")";
    }
}
