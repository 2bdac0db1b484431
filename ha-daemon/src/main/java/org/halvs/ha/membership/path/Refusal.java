package org.halvs.ha.membership.path;

/** Why a datagram from the network was dropped unread. */
public enum Refusal {
    MALFORMED("not a message of this version of HALVS"),
    UNKNOWN_KEY("signed with a key that authkeys does not list"),
    WRONG_SIGNATURE("wrong signature: the authkeys of both nodes differ, or somebody meddles"),
    TOO_MANY("more than is looked at from addresses no node sends from: somebody floods this port"),
    UNKNOWN_NODE("from a node that is not in ha.cf"),
    OWN_NAME("from another machine that has this node's name"),
    FORMER_LIFE("from before its sender's restart"),
    REPLAYED("heard before");

    private final String text;

    Refusal(String text) {
        this.text = text;
    }

    /** For the log. */
    public String text() {
        return text;
    }
}
