package org.halvs.resource.address;

import java.util.Optional;
import org.halvs.linux.IpAddress;

/**
 * One line of the {@link AddressJournal}: {@code 192.0.2.10/24 dev eth0 brd 192.0.2.255 label eth0:0 lo lo:0}. The
 * words behind the device come where they apply; {@code lo -} is a loopback copy without a label.
 */
final class JournalLine {
    private static final String NO_LABEL = "-";

    private JournalLine() {}

    static String format(AddressJournal.Entry entry) {
        FloatingAddress address = entry.address();
        StringBuilder line = new StringBuilder()
                .append(address.address())
                .append('/')
                .append(address.prefixLength())
                .append(" dev ")
                .append(address.device());
        address.broadcast().ifPresent(broadcast -> line.append(" brd ").append(broadcast));
        address.label().ifPresent(label -> line.append(" label ").append(label));
        if (entry.loopbackCopy()) {
            line.append(" lo ").append(entry.loopbackLabel().orElse(NO_LABEL));
        }
        return line.toString();
    }

    /** Empty when the line is not one of these. */
    static Optional<AddressJournal.Entry> parse(String line) {
        String[] words = line.trim().split("\\s+");
        int slash = words[0].indexOf('/');
        Optional<IpAddress> address = slash < 0 ? Optional.empty() : IpAddress.parse(words[0].substring(0, slash));
        if (address.isEmpty() || words.length < 3 || words.length % 2 == 0 || !words[1].equals("dev")) {
            return Optional.empty();
        }
        int prefixLength;
        try {
            prefixLength = Integer.parseInt(words[0].substring(slash + 1));
        } catch (NumberFormatException _) {
            return Optional.empty();
        }
        if (prefixLength < 0 || prefixLength > address.get().family().bits()) {
            return Optional.empty();
        }
        Optional<String> label = Optional.empty();
        Optional<IpAddress> broadcast = Optional.empty();
        Optional<String> loopback = Optional.empty();
        for (int i = 3; i < words.length; i += 2) {
            switch (words[i]) {
                case "brd" -> broadcast = IpAddress.parse(words[i + 1]);
                case "label" -> label = Optional.of(words[i + 1]);
                case "lo" -> loopback = Optional.of(words[i + 1]);
                default -> {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(new AddressJournal.Entry(
                new FloatingAddress(address.get(), prefixLength, words[2], label, broadcast),
                loopback.isPresent(),
                loopback.filter(text -> !text.equals(NO_LABEL))));
    }
}
