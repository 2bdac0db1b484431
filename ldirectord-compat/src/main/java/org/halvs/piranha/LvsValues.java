package org.halvs.piranha;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.halvs.ipvs.Protocol;
import org.halvs.ldirectord.NameService;
import org.halvs.linux.IpAddress;
import org.halvs.linux.IpAddress.Family;

/** The values of lvs.cf: which are good, and what they stand for. Confined to one reading, as its name service is. */
final class LvsValues {
    private final NameService names;

    LvsValues(NameService names) {
        this.names = names;
    }

    /** What is wrong with the values of a setting; empty when nothing is. */
    Optional<LvsError> check(LvsKey key, List<String> values) {
        if (key.kind() == LvsKey.Kind.LIST) {
            boolean bracketed =
                    values.getFirst().equals("[") && values.getLast().equals("]") && values.size() >= 2;
            return bracketed ? Optional.empty() : Optional.of(LvsError.LIST_EXPECTED);
        }
        int wanted = key.kind() == LvsKey.Kind.HOST_AND_DEVICE ? 2 : 1;
        if (values.size() < wanted) {
            return Optional.of(LvsError.MISSING_ARGUMENTS);
        }
        if (values.size() > wanted) {
            return Optional.of(LvsError.UNEXPECTED_ARGUMENTS);
        }
        String value = values.getFirst();
        return switch (key.kind()) {
            case INTEGER -> integer(value).isPresent() ? Optional.empty() : Optional.of(LvsError.INTEGER_EXPECTED);
            case BOOLEAN -> checkBoolean(value);
            case HOST, HOST_AND_DEVICE -> checkHost(value);
            case LITERAL ->
                IpAddress.parse(value).filter(IpAddress::isIpv4).isPresent()
                        ? Optional.empty()
                        : Optional.of(LvsError.INVALID_ARGUMENT);
            case NETMASK -> mask(value).isPresent() ? Optional.empty() : Optional.of(LvsError.BAD_NETMASK);
            case PORT -> port(value).isPresent() ? Optional.empty() : Optional.of(LvsError.INVALID_ARGUMENT);
            case CHOICE -> key.choices().contains(value) ? Optional.empty() : Optional.of(LvsError.INVALID_ARGUMENT);
            case WORD, LIST -> Optional.empty();
        };
    }

    private static Optional<LvsError> checkBoolean(String value) {
        OptionalLong number = integer(value);
        if (number.isEmpty()) {
            return Optional.of(LvsError.INTEGER_EXPECTED);
        }
        boolean zeroOrOne = number.getAsLong() == 0 || number.getAsLong() == 1;
        return zeroOrOne ? Optional.empty() : Optional.of(LvsError.BOOLEAN_EXPECTED);
    }

    private Optional<LvsError> checkHost(String value) {
        Optional<IpAddress> address = host(value);
        if (address.isEmpty()) {
            return Optional.of(LvsError.INVALID_ARGUMENT);
        }
        return address.get().isAny() ? Optional.of(LvsError.BAD_HOST) : Optional.empty();
    }

    Optional<IpAddress> host(String value) {
        return names.host(value, Family.IPV4);
    }

    static Optional<IpAddress> mask(String value) {
        return IpAddress.parse(value).filter(IpAddress::isIpv4);
    }

    OptionalInt port(String value) {
        OptionalLong number = integer(value);
        if (number.isEmpty()) {
            return names.port(value, Optional.of(Protocol.TCP));
        }
        boolean fits = number.getAsLong() >= 0 && number.getAsLong() <= 65535;
        return fits ? OptionalInt.of((int) number.getAsLong()) : OptionalInt.empty();
    }

    /** As strtol(3) with base 0 reads it, all of it. */
    static OptionalLong integer(String value) {
        boolean negative = value.startsWith("-");
        String digits = negative || value.startsWith("+") ? value.substring(1) : value;
        int radix = 10;
        if (digits.startsWith("0x") || digits.startsWith("0X")) {
            radix = 16;
            digits = digits.substring(2);
        } else if (digits.length() > 1 && digits.startsWith("0")) {
            radix = 8;
            digits = digits.substring(1);
        }
        if (digits.isEmpty() || digits.length() > 15 || !Character.isLetterOrDigit(digits.charAt(0))) {
            return OptionalLong.empty();
        }
        try {
            long number = Long.parseLong(digits, radix);
            return OptionalLong.of(negative ? -number : number);
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
