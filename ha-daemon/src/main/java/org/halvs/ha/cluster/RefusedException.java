package org.halvs.ha.cluster;

/** The cluster or the node can't do what an operator asked for; the message is for the operator. */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RefusedException(String why) {
        super(why);
    }
}
