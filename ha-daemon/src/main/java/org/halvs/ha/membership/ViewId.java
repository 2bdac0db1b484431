package org.halvs.ha.membership;

/**
 * The name of a view.
 *
 * @param creator the node that made it
 * @param number counts up with every view of a creator and with every view that follows another
 */
public record ViewId(String creator, long number) {
    /** {@code alice|3}. */
    @Override
    public String toString() {
        return creator + "|" + number;
    }
}
