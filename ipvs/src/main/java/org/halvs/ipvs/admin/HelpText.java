package org.halvs.ipvs.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** What {@code ipvsadm -h} and {@code ipvsadm -v} print; scripts look into both, so they are as in ipvsadm 1.31. */
final class HelpText {
    private HelpText() {}

    static String version() {
        return "ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v" + TableListing.IPVS_VERSION + ")\n";
    }

    /** All commands and options. */
    static String usage() {
        try (InputStream text = HelpText.class.getResourceAsStream("usage.txt")) {
            if (text == null) {
                throw new IllegalStateException("usage.txt is missing from the program");
            }
            return new String(text.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException("the program's usage.txt can't be read", e);
        }
    }
}
