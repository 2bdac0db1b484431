package org.halvs.resource.address;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.halvs.linux.IpAddress;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;

/**
 * A floating address as haresources asks for it: {@code ip[/bits[/iface[:label]][/bcast]]}. What it leaves open is
 * found by {@link AddressResolution}.
 *
 * @param prefixLength in bits
 * @param device the interface's name, without a label
 * @param label the whole alias name, {@code eth0:web}
 * @param broadcast IPv4 only
 */
public record AddressRequest(
        AddressScript script,
        IpAddress address,
        OptionalInt prefixLength,
        Optional<String> device,
        Optional<String> label,
        Optional<IpAddress> broadcast) {

    /** {@code IFNAMSIZ} without the zero byte: the kernel's limit for interface names and labels. */
    private static final int LONGEST_NAME = 15;

    /** What reading an argument gave. */
    public sealed interface Reading {

        /** The argument is right. */
        record Request(AddressRequest request) implements Reading {}

        /**
         * It is not.
         *
         * @param message what is wrong with which part of it, and what to write instead
         */
        record Invalid(String message) implements Reading {}
    }

    /** The addresses of a group, without what is wrong with others. */
    public static List<AddressRequest> of(ResourceGroup group) {
        return group.resources().stream()
                .flatMap(resource -> of(resource).stream())
                .toList();
    }

    private static Optional<AddressRequest> of(ResourceSpec resource) {
        return AddressScript.named(resource.agent())
                .flatMap(script -> read(script, resource.arguments()) instanceof Reading.Request(AddressRequest request)
                        ? Optional.of(request)
                        : Optional.empty());
    }

    /**
     * Reads the arguments of a resource.
     *
     * <p>COMPAT: heartbeat splits at every {@code ::}, so an IPv6 address with {@code ::} in it arrives in pieces and
     * fails there. Here the pieces are put together again.
     *
     * @param arguments as haresources gives them: exactly one, or the pieces of one IPv6 address
     */
    public static Reading read(AddressScript script, List<String> arguments) {
        String argument = String.join("::", arguments);
        if (argument.isEmpty()) {
            return invalid(script, "no address is given; write " + script.agent() + "::192.0.2.10/24/eth0");
        }
        List<String> fields = List.of(argument.split("/", -1));
        Optional<IpAddress> address = IpAddress.parse(fields.getFirst());
        if (address.isEmpty()) {
            return invalid(
                    script, "'" + fields.getFirst() + "' is not an IP address; host names are not looked up here");
        }
        if (fields.size() > 4) {
            return invalid(script, "'" + argument + "' has more than the four parts ip/bits/interface/broadcast");
        }
        return new Reader(script, address.get(), fields).read();
    }

    private static Reading.Invalid invalid(AddressScript script, String message) {
        return new Reading.Invalid(script.agent() + ": " + message);
    }

    /** {@code 192.0.2.10}, with the prefix length if one was given. */
    @Override
    public String toString() {
        return prefixLength.isPresent() ? address + "/" + prefixLength.getAsInt() : address.toString();
    }

    /** Reads the parts behind the address. */
    private record Reader(AddressScript script, IpAddress address, List<String> fields) {

        Reading read() {
            if (script == AddressScript.IPADDR && !address.isIpv4()) {
                return invalid(script, address + " is IPv6, which this script never could; write IPv6addr::" + address);
            }
            if (script == AddressScript.IPV6ADDR && address.isIpv4()) {
                return invalid(script, address + " is IPv4; write IPaddr2::" + address);
            }
            String bits = field(1);
            OptionalInt prefixLength = bits.isEmpty() ? OptionalInt.empty() : prefixLength(bits);
            if (!bits.isEmpty() && prefixLength.isEmpty()) {
                return invalid(
                        script,
                        "'" + bits + "' behind " + address + "/ is neither a prefix length from 0 to "
                                + address.family().bits() + (address.isIpv4() ? " nor a netmask" : "")
                                + (looksLikeDevice(bits) ? "; the interface is the third part: ip/bits/" + bits : ""));
            }
            // COMPAT: a third field that begins with a digit is the broadcast address, the interface is left out then
            boolean broadcastThird = !field(2).isEmpty() && Character.isDigit(field(2).charAt(0));
            if (broadcastThird && !field(3).isEmpty()) {
                return invalid(
                        script,
                        "'" + field(3) + "' follows the broadcast address; the order is ip/bits/interface/broadcast");
            }
            return withDevice(prefixLength, broadcastThird ? "" : field(2), broadcastThird ? field(2) : field(3));
        }

        private Reading withDevice(OptionalInt prefixLength, String device, String broadcastText) {
            int colon = device.indexOf(':');
            String name = colon < 0 ? device : device.substring(0, colon);
            Optional<String> label = colon < 0 ? Optional.empty() : Optional.of(device);
            if (!device.isEmpty() && (name.isEmpty() || colon == device.length() - 1)) {
                return invalid(script, "'" + device + "' is not of the form interface or interface:label");
            }
            if (device.length() > LONGEST_NAME) {
                return invalid(
                        script,
                        "'" + device + "' has " + device.length()
                                + " characters; interface and label together may have " + LONGEST_NAME);
            }
            Optional<IpAddress> broadcast = IpAddress.parse(broadcastText);
            if (!broadcastText.isEmpty() && broadcast.isEmpty()) {
                return invalid(script, "'" + broadcastText + "' is not a broadcast address");
            }
            if (broadcast.isPresent() && !(broadcast.get().isIpv4() && address.isIpv4())) {
                return invalid(script, "a broadcast address is for IPv4 only: " + broadcastText);
            }
            Optional<String> named = name.isEmpty() ? Optional.empty() : Optional.of(name);
            return new Reading.Request(new AddressRequest(script, address, prefixLength, named, label, broadcast));
        }

        private String field(int index) {
            return index < fields.size() ? fields.get(index) : "";
        }

        private static boolean looksLikeDevice(String text) {
            return Character.isLetter(text.charAt(0));
        }

        /** A number of bits, or for IPv4 a netmask without gaps; empty when it is neither. */
        private OptionalInt prefixLength(String text) {
            if (text.length() <= 3 && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
                int bits = Integer.parseInt(text);
                return bits <= address.family().bits() ? OptionalInt.of(bits) : OptionalInt.empty();
            }
            Optional<IpAddress> mask =
                    address.isIpv4() ? IpAddress.parse(text).filter(IpAddress::isIpv4) : Optional.empty();
            if (mask.isEmpty()) {
                return OptionalInt.empty();
            }
            int word = mask.get().ipv4();
            int bits = Integer.numberOfLeadingZeros(~word);
            return bits == 32 || word << bits == 0 ? OptionalInt.of(bits) : OptionalInt.empty();
        }
    }
}
