package org.halvs.linux;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * That something of the network has changed; what, is to be read from {@link Rtnetlink}.
 *
 * @param kinds what changed, in the order of {@link Kind}
 * @param resync whether notifications were lost, so that any of the watched kinds may have changed; {@code kinds} then
 *     holds them all
 */
public record NetworkChange(Set<Kind> kinds, boolean resync) {

    /** The tables of {@link Rtnetlink}. */
    public enum Kind {
        LINKS,
        ADDRESSES,
        ROUTES,
        NEIGHBOURS
    }

    public NetworkChange {
        EnumSet<Kind> ordered = EnumSet.noneOf(Kind.class);
        ordered.addAll(kinds);
        kinds = Collections.unmodifiableSet(ordered);
    }
}
