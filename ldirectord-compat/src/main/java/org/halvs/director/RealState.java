package org.halvs.director;

import java.util.Optional;
import java.util.OptionalLong;
import org.halvs.check.CheckSpec;
import org.halvs.ipvs.RealServer;

/** The state of one real server in one virtual service. */
final class RealState {
    /** Into how many steps a slow start is cut: each is a change of the table. */
    private static final int SLOW_START_STEPS = 10;

    /** What is known about a server. */
    enum Health {
        /** Not checked yet, which is not the same as down. */
        PENDING,
        UP,
        DOWN
    }

    private final RealPlan plan;
    private final VirtualState owner;
    private Health health;
    private String reason;
    private Optional<String> maintenance = Optional.empty();
    private Optional<ServerOverride> override = Optional.empty();
    private boolean removedByHand;
    private boolean cold;
    private OptionalLong warmingSinceNanos = OptionalLong.empty();
    /** No more than this before a good check. */
    private int ceiling = Integer.MAX_VALUE;

    RealState(RealPlan plan, VirtualState owner) {
        this.plan = plan;
        this.owner = owner;
        switch (plan.check()) {
            case CheckSpec.On _ -> {
                health = Health.UP;
                reason = "checktype=on";
            }
            case CheckSpec.Off _ -> {
                health = Health.DOWN;
                reason = "checktype=off";
            }
            default -> {
                health = Health.PENDING;
                reason = "not checked yet";
            }
        }
    }

    RealPlan plan() {
        return plan;
    }

    VirtualState owner() {
        return owner;
    }

    ServerName name() {
        return ServerName.of(plan);
    }

    Health health() {
        return health;
    }

    String reason() {
        return reason;
    }

    boolean isOff() {
        return plan.check() instanceof CheckSpec.Off;
    }

    boolean removedByHand() {
        return removedByHand;
    }

    Optional<String> maintenance() {
        return maintenance;
    }

    Optional<ServerOverride> override() {
        return override;
    }

    /** Whether it is up and may be used. */
    boolean serving() {
        return health == Health.UP && !drained();
    }

    boolean drained() {
        return override.filter(order -> order instanceof ServerOverride.Drain).isPresent();
    }

    /** Whether new connections reach it: up, not drained, and nobody took it out of the table. */
    boolean available() {
        return serving() && !removedByHand;
    }

    /** Takes it for up, with no more than the weight it has in the table, until a check has spoken. */
    void presumeUp(int listedWeight, String why, long nowNanos) {
        becomes(Health.UP, why, nowNanos);
        warmingSinceNanos = OptionalLong.empty();
        ceiling = listedWeight;
    }

    /** Whether it is taken for up without a good check. */
    boolean presumed() {
        return ceiling != Integer.MAX_VALUE;
    }

    void becomes(Health newHealth, String why, long nowNanos) {
        ceiling = Integer.MAX_VALUE;
        if (newHealth == Health.UP && health != Health.UP) {
            removedByHand = false;
            boolean slowly = cold && !owner.plan().recovery().slowStart().isZero();
            warmingSinceNanos = slowly ? OptionalLong.of(nowNanos) : OptionalLong.empty();
            cold = false;
        }
        if (newHealth == Health.DOWN) {
            cold = true;
            warmingSinceNanos = OptionalLong.empty();
        }
        health = newHealth;
        reason = why;
    }

    /** It came with a reload, into a service whose other servers are warm. */
    void isNew() {
        cold = true;
    }

    void maintenance(Optional<String> file) {
        maintenance = file;
    }

    void override(Optional<ServerOverride> order) {
        override = order;
    }

    void removedByHand(boolean removed) {
        removedByHand = removed;
    }

    /** Takes over the state of the same server under the plan before this one. */
    void inherit(RealState before) {
        health = before.health;
        reason = before.reason;
        cold = before.cold;
        ceiling = before.ceiling;
        warmingSinceNanos = before.warmingSinceNanos;
        removedByHand = before.removedByHand && before.health != Health.UP;
    }

    /** The weight it is worth when it is warm, as configured or ordered. */
    int fullWeight() {
        return override.flatMap(RealState::ordered).orElse(plan.server().weight());
    }

    /** The weight it has now if it is serving; in a slow start all of its service are multiples of the full ones. */
    int weight(long nowNanos) {
        int full = Math.min(ceiling, fullWeight());
        int scaled = full * owner.scale();
        if (warmingSinceNanos.isEmpty() || scaled <= 1) {
            return scaled;
        }
        Recovery recovery = owner.plan().recovery();
        long step = warmingStep(nowNanos);
        long percent = recovery.startPercent() + (100L - recovery.startPercent()) * step / SLOW_START_STEPS;
        return (int) Math.max(1, scaled * percent / 100);
    }

    /** Whether its weight is still rising. */
    boolean warming() {
        return warmingSinceNanos.isPresent();
    }

    /** When its weight rises next, {@code nowNanos} at the latest where it should have risen already; empty when it has its full weight. */
    OptionalLong nextRiseNanos(long nowNanos) {
        if (warmingSinceNanos.isEmpty()) {
            return OptionalLong.empty();
        }
        long step = warmingStep(nowNanos);
        if (step >= SLOW_START_STEPS) {
            return OptionalLong.of(nowNanos);
        }
        long whole = owner.plan().recovery().slowStart().toNanos();
        return OptionalLong.of(warmingSinceNanos.getAsLong() + (step + 1) * Math.max(1, whole / SLOW_START_STEPS));
    }

    /** Ends the slow start when its time has passed. */
    void endSlowStart(long nowNanos) {
        if (warmingStep(nowNanos) >= SLOW_START_STEPS) {
            warmingSinceNanos = OptionalLong.empty();
        }
    }

    private long warmingStep(long nowNanos) {
        long whole = owner.plan().recovery().slowStart().toNanos();
        if (whole == 0) {
            return SLOW_START_STEPS;
        }
        long elapsed = nowNanos - warmingSinceNanos.orElse(nowNanos);
        return Math.min(SLOW_START_STEPS, elapsed / Math.max(1, whole / SLOW_START_STEPS));
    }

    private static Optional<Integer> ordered(ServerOverride order) {
        return switch (order) {
            case ServerOverride.Weight weight -> Optional.of(weight.weight());
            case ServerOverride.Drain _ -> Optional.empty();
        };
    }

    /**
     * How it should stand in the table.
     *
     * @param listed whether it stands there now
     * @param readd whether a server somebody removed is put back
     */
    Optional<RealServer> wanted(boolean listed, boolean readd, long nowNanos) {
        RealServer server = plan.server();
        if (removedByHand && !(readd && health == Health.DOWN)) {
            return Optional.empty();
        }
        if (health == Health.UP) {
            return Optional.of(server.withWeight(drained() ? 0 : weight(nowNanos)));
        }
        return switch (owner.plan().quiescence()) {
            case ZERO_WEIGHT -> Optional.of(server.withWeight(0));
            // what a predecessor left with weight 0 keeps its connections until a check has spoken
            case REMOVE -> health == Health.PENDING && listed ? Optional.of(server.withWeight(0)) : Optional.empty();
        };
    }
}
