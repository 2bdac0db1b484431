package org.halvs.resource.address;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file that outlives the daemon. */
class AddressJournalTest {
    private static final AddressJournal.Entry WEB = new AddressJournal.Entry(
            new FloatingAddress(
                    IpAddress.of("192.0.2.10"),
                    24,
                    "eth0",
                    Optional.of("eth0:web"),
                    Optional.of(IpAddress.of("192.0.2.255"))),
            true,
            Optional.of("lo:0"));
    private static final AddressJournal.Entry SIX = new AddressJournal.Entry(
            new FloatingAddress(IpAddress.of("2001:db8::10"), 64, "eth0.17", Optional.empty(), Optional.empty()),
            true,
            Optional.empty());

    @TempDir
    private Path directory;

    @Test
    void isReadAsItWasWritten() throws IOException {
        Path file = directory.resolve("addresses");
        AddressJournal journal = AddressJournal.open(file);
        assertThat(journal.entries()).isEmpty();
        journal.note(List.of(WEB, SIX));
        assertThat(Files.readAllLines(file))
                .contains(
                        "192.0.2.10/24 dev eth0 brd 192.0.2.255 label eth0:web lo lo:0",
                        "2001:db8::10/64 dev eth0.17 lo -");
        assertThat(AddressJournal.open(file).entries()).containsExactly(WEB, SIX);
        journal.forget(List.of(IpAddress.of("192.0.2.10")));
        assertThat(AddressJournal.open(file).entries()).containsExactly(SIX);
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void keepsTheLoopbackCopyWhenAnAddressIsNotedAgain() {
        AddressJournal journal = AddressJournal.open(directory.resolve("addresses"));
        journal.note(List.of(WEB));
        journal.note(List.of(new AddressJournal.Entry(WEB.address(), false, Optional.empty())));
        assertThat(journal.entry(IpAddress.of("192.0.2.10"))).hasValue(WEB);
    }

    @Test
    void ignoresLinesThatAreNotItsOwn() throws IOException {
        Path file = directory.resolve("addresses");
        Files.writeString(file, """
                # a comment

                192.0.2.10/24 dev eth0 brd 192.0.2.255 label eth0:web lo lo:0
                192.0.2.11 dev eth0
                192.0.2.11/99 dev eth0
                192.0.2.11/24 dev
                rubbish
                192.0.2.11/24 dev eth0 colour blue
                """);
        assertThat(AddressJournal.open(file).entries()).containsExactly(WEB);
    }
}
