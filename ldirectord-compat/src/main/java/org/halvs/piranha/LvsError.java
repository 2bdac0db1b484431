package org.halvs.piranha;

/** The complaints of Piranha's parser, in its words. */
public enum LvsError {
    QUOTATION_MISMATCH("quotation mismatch"),
    UNEXPECTED_ARGUMENTS("unexpected arguments"),
    EQUAL_EXPECTED("equal (=) expected after command"),
    MISSING_ARGUMENTS("missing arguments"),
    BAD_HOST("invalid host name or ip address"),
    INVALID_ARGUMENT("invalid argument"),
    INTEGER_EXPECTED("integer expected"),
    BOOLEAN_EXPECTED("boolean expected"),
    UNKNOWN_COMMAND("unknown command"),
    LIST_EXPECTED("list expected"),
    BAD_NETMASK("Bad subnet mask specified"),
    EMPTY("Empty configuration");

    private final String text;

    LvsError(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }
}
