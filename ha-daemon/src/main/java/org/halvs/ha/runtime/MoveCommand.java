package org.halvs.ha.runtime;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.halvs.ha.cluster.ClusterNode;
import org.halvs.ha.cluster.ControlLoop;
import org.halvs.ha.cluster.MovePreview;
import org.halvs.ha.control.Answer;
import org.halvs.ha.control.RequestHandler.Progress;
import org.halvs.ha.takeover.NodeStatus;
import org.halvs.ha.takeover.Ownership;
import org.halvs.ha.takeover.Scope;

/**
 * {@code standby} and {@code takeover}: says what will happen, does it, waits, and says what happened. Each request works on the thread of its
 * connection.
 */
final class MoveCommand {
    private static final int REFUSED = 1;
    private static final int USAGE = 2;
    private static final String DRY_RUN = "--dry-run";

    private final ControlLoop loop;
    private final ClusterNode node;

    MoveCommand(ControlLoop loop, ClusterNode node) {
        this.loop = loop;
        this.node = node;
    }

    /**
     * Moves groups.
     *
     * @param words {@code all}, {@code local}, {@code foreign} or {@code failback}, nothing for all; {@code --dry-run} only tells
     * @param away whether they go from here to the other node
     */
    Answer move(List<String> words, boolean away, Progress progress) throws IOException {
        String word =
                words.stream().filter(w -> !w.startsWith("--")).findFirst().orElse("all");
        Optional<Scope> scope = away ? ScopeWords.ofStandby(word) : ScopeWords.ofTakeover(word);
        if (scope.isEmpty()) {
            return Answer.failed(USAGE, "halvs: wrong resources(" + word + "): say all, local, foreign or failback\n");
        }
        MovePreview.Preview preview = loop.ask(() -> preview(scope.get(), away)).join();
        if (words.contains(DRY_RUN)) {
            return Answer.ok(preview.text());
        }
        progress.print(preview.text());
        CompletableFuture<String> done = new CompletableFuture<>();
        loop.enqueue(() -> {
            if (away) {
                node.standby(scope.get(), done);
            } else {
                node.takeover(scope.get(), done);
            }
        });
        try {
            String text = done.join();
            return Answer.ok(text.isEmpty() ? "" : "done: " + text);
        } catch (CompletionException e) {
            Throwable why = e.getCause() == null ? e : e.getCause();
            return Answer.failed(REFUSED, "halvs: " + why.getMessage() + "\n");
        }
    }

    private MovePreview.Preview preview(Scope scope, boolean away) {
        Ownership ownership = node.ownership();
        Map<String, NodeStatus> statuses = new LinkedHashMap<>();
        statuses.put(ownership.status().node(), ownership.status());
        ownership.peers().forEach(peer -> statuses.put(peer.node(), peer));
        MovePreview preview = new MovePreview(node.rules(), ownership.status().node(), ownership.view(), statuses);
        return away ? preview.standby(scope) : preview.takeover(scope);
    }
}
