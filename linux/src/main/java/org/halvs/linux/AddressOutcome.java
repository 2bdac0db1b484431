package org.halvs.linux;

/** What became of an {@link AddressChange}. */
public sealed interface AddressOutcome {

    /** The change it answers. */
    AddressChange change();

    /** Done. */
    record Changed(AddressChange change) implements AddressOutcome {}

    /**
     * Nothing to do: the address to add was there with this prefix on this interface ({@code EEXIST}; its label and
     * broadcast may differ), the address to remove was not ({@code EADDRNOTAVAIL}, or its interface is gone,
     * {@code ENODEV}).
     */
    record AlreadySo(AddressChange change) implements AddressOutcome {}

    /** The kernel refused. */
    record Rejected(AddressChange change, LinuxException error) implements AddressOutcome {}
}
