package org.halvs.bench.failover;

/** What happens to the owner, alice. */
enum Event {
    KILL("daemon killed"),
    CUT("cable of the owner cut"),
    STOP("orderly stop"),
    STANDBY("standby"),
    PATH("heartbeat path cut 10 s and healed"),
    FREEZE("daemon frozen 12 s and resumed"),
    RETURN("killed owner restarts (auto_failback on)"),
    ARP("cable cut, client loses ARP for 3 s"),
    FAILED_START("taken over where its start script fails"),
    COLD_START("both started together"),
    IDLE("idle"),
    LOAD("busy loops");

    final String text;

    Event(String text) {
        this.text = text;
    }
}
