package org.halvs.ha.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeChangesTest {
    private static final ClusterConfig CONFIG = HaCf.parse(
                    "ha.cf", "node Alice bob\nbcast eth0\nauto_failback on\n", HostFacts.unknown())
            .value()
            .orElseThrow();

    @TempDir
    private Path directory;

    private static List<String> nodes(NodeChanges changes) {
        return changes.applyTo(CONFIG).nodes();
    }

    @Test
    void nodesAreAddedBehindThoseOfTheFileAndRemovedFromThem() {
        NodeChanges changes = NodeChanges.NONE.add(List.of("carol", "dave"), 5);
        assertThat(nodes(changes)).containsExactly("alice", "bob", "carol", "dave");
        changes = changes.remove(List.of("bob", "carol"), 5);
        assertThat(nodes(changes)).containsExactly("alice", "dave");
        assertThat(changes.version()).as("later though the clock stands still").isEqualTo(6);
        changes = changes.add(List.of("bob"), 5);
        assertThat(nodes(changes))
                .as("the order is the same on a node that starts now")
                .containsExactly("alice", "bob", "dave");
        assertThat(changes.applyTo(changes.applyTo(CONFIG)).nodes()).isEqualTo(nodes(changes));
        assertThat(NodeChanges.parse(changes.text())).contains(changes);
    }

    @Test
    void whatIsNoneIsNoChange() {
        assertThat(NodeChanges.parse("")).isEmpty();
        assertThat(NodeChanges.parse("version -1\n")).isEmpty();
        assertThat(NodeChanges.parse("version 4\nadded\n")).isEmpty();
        assertThat(NodeChanges.parse("version 4\nrenamed bob\n")).isEmpty();
    }

    @Test
    void aRestartRemembers() throws IOException {
        assertThat(NodeChangesFile.open(directory).current()).isEqualTo(NodeChanges.NONE);
        NodeChanges changes = NodeChanges.NONE.add(List.of("carol"), 7);
        NodeChangesFile.open(directory).replace(changes);
        assertThat(NodeChangesFile.open(directory).current()).isEqualTo(changes);
        Files.writeString(directory.resolve("nodes"), "garbage");
        assertThat(NodeChangesFile.open(directory).current()).isEqualTo(NodeChanges.NONE);
    }
}
