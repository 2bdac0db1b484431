package org.halvs.ipvs.plane;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.halvs.ipvs.forward.IpvsSettings;
import org.halvs.lab.Host;
import org.halvs.lab.Lab;

/** A lab with a client and a director, not connected yet. */
final class ClientAndDirector implements AutoCloseable {
    final Lab lab;
    final Host client;
    final Host director;

    private ClientAndDirector(Lab lab) {
        this.lab = lab;
        client = lab.host("client");
        director = lab.host("director");
    }

    /** Ends the test where there can be no lab, and says why. */
    static ClientAndDirector open() {
        assumeTrue(Lab.missing().isEmpty(), () -> "skipped: " + Lab.missing().orElse(""));
        Lab lab = Lab.open();
        try {
            return new ClientAndDirector(lab);
        } catch (RuntimeException e) {
            lab.close();
            throw e;
        }
    }

    /** Starts the plane of the director. */
    InProcessPlane start() throws Exception {
        return director.call(() -> InProcessPlane.start(IpvsSettings.DEFAULT));
    }

    @Override
    public void close() {
        lab.close();
    }
}
