package org.halvs.ha.arbitration;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.halvs.ha.takeover.ClaimAnswer;
import org.halvs.ha.takeover.ClaimReport;
import org.halvs.ha.takeover.ClaimResult;

/** {@link ClaimNetwork} without a network: finds what it was told to, at once. Thread-safe. */
public final class MemoryClaimNetwork implements ClaimNetwork {
    private final Map<String, ClaimReport> reports = new LinkedHashMap<>();
    private final List<ClaimQuestion> asked = new ArrayList<>();
    private Map<String, ClaimAnswer> published = Map.of();

    /** What a question about the report's group finds from now on; without it nobody has the group. */
    public synchronized void find(ClaimReport report) {
        reports.put(report.group(), report);
    }

    /** Every question so far. */
    public synchronized List<ClaimQuestion> asked() {
        return List.copyOf(asked);
    }

    public synchronized Map<String, ClaimAnswer> published() {
        return published;
    }

    @Override
    public synchronized void publish(Map<String, ClaimAnswer> answers) {
        published = Map.copyOf(answers);
    }

    @Override
    public synchronized void check(List<ClaimQuestion> questions, Consumer<ClaimReport> done) {
        asked.addAll(questions);
        for (ClaimQuestion question : questions) {
            done.accept(reports.getOrDefault(
                    question.group(), new ClaimReport(question.group(), new ClaimResult.Free(), Map.of())));
        }
    }

    @Override
    public void close() {}
}
