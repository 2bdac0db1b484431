package org.halvs.ipvs.admin;

/** Text brought to a width, as {@code printf} does it. */
final class Column {
    private Column() {}

    /** {@code text} with blanks after it up to {@code width} characters; longer text stays whole ({@code %-33s}). */
    static String left(Object text, int width) {
        String s = text.toString();
        return s + " ".repeat(Math.max(0, width - s.length()));
    }

    /** {@code text} with blanks before it ({@code %9s}). */
    static String right(Object text, int width) {
        String s = text.toString();
        return " ".repeat(Math.max(0, width - s.length())) + s;
    }

    /** Two digits at least ({@code %02d}). */
    static String twoDigits(long number) {
        return number < 10 ? "0" + number : Long.toString(number);
    }

    /**
     * A counter in nine columns: in full below 100 million, then in thousands, millions, … with their letter. With {@code exact} always in
     * full, and one blank before it when it needs nine digits or more.
     */
    static String counter(long value, boolean exact) {
        if (exact) {
            int length = Long.toString(value).length();
            return right(value, length <= 8 ? 9 : length + 1);
        }
        if (value < 100_000_000L) {
            return right(value, 9);
        }
        if (value < 1_000_000_000L) {
            return right(value / 1_000, 8) + "K";
        }
        if (value < 100_000_000_000L) {
            return right(value / 1_000_000, 8) + "M";
        }
        if (value < 100_000_000_000_000L) {
            return right(value / 1_000_000_000L, 8) + "G";
        }
        return right(value / 1_000_000_000_000L, 8) + "T";
    }
}
