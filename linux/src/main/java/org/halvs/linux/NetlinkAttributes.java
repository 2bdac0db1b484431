package org.halvs.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The attributes of a netlink message by their numbers, {@code netlink(7)} and {@code linux/netlink.h}. Of repeated
 * ones the last counts.
 */
final class NetlinkAttributes {
    /** {@code NLA_TYPE_MASK}: without the flags "nested" and "network byte order". */
    private static final int TYPE_MASK = 0x3fff;

    private static final int HEADER_BYTES = 4;

    private final Map<Integer, byte[]> values;

    private NetlinkAttributes(Map<Integer, byte[]> values) {
        this.values = values;
    }

    /** Reads the attributes from {@code offset} to the end of {@code payload}. A malformed rest is left out. */
    static NetlinkAttributes parse(ByteBuffer payload, int offset) {
        Map<Integer, byte[]> values = new LinkedHashMap<>();
        int at = NetlinkWriter.align(offset);
        while (at + HEADER_BYTES <= payload.limit()) {
            int length = Short.toUnsignedInt(payload.getShort(at));
            if (length < HEADER_BYTES || at + length > payload.limit()) {
                break;
            }
            byte[] value = new byte[length - HEADER_BYTES];
            payload.get(at + HEADER_BYTES, value);
            values.put(payload.getShort(at + 2) & TYPE_MASK, value);
            at += NetlinkWriter.align(length);
        }
        return new NetlinkAttributes(values);
    }

    Optional<byte[]> bytes(int type) {
        return Optional.ofNullable(values.get(type));
    }

    /** All of them in the order of the message. */
    Map<Integer, byte[]> all() {
        return Collections.unmodifiableMap(values);
    }

    /** An address of 4 or 16 bytes; empty when the attribute is absent or of another length. */
    Optional<IpAddress> address(int type) {
        return bytes(type).filter(b -> b.length == 4 || b.length == 16).map(IpAddress::ofBytes);
    }

    Optional<MacAddress> mac(int type) {
        return bytes(type).filter(b -> b.length == 6).map(MacAddress::ofBytes);
    }

    OptionalInt u32(int type) {
        byte[] value = values.get(type);
        return value == null || value.length < 4
                ? OptionalInt.empty()
                : OptionalInt.of(
                        ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getInt());
    }

    /** A text, up to its zero byte. */
    Optional<String> text(int type) {
        return bytes(type).map(value -> {
            int length = 0;
            while (length < value.length && value[length] != 0) {
                length++;
            }
            return new String(value, 0, length, StandardCharsets.UTF_8);
        });
    }

    /** The attributes inside an attribute; none when it is absent. */
    NetlinkAttributes nested(int type) {
        return bytes(type).map(value -> parse(nativeBuffer(value), 0)).orElseGet(() -> new NetlinkAttributes(Map.of()));
    }

    /** The next hops of {@code RTA_MULTIPATH}: {@code struct rtnexthop} and the attributes behind each. */
    List<NextHop> nextHops(int type) {
        List<NextHop> hops = new ArrayList<>();
        byte[] value = values.get(type);
        if (value == null) {
            return hops;
        }
        ByteBuffer rest = nativeBuffer(value);
        while (rest.remaining() >= 8) {
            int start = rest.position();
            int length = Short.toUnsignedInt(rest.getShort(start));
            if (length < 8 || length > rest.remaining()) {
                break;
            }
            byte[] inner = new byte[length - 8];
            rest.get(start + 8, inner);
            hops.add(new NextHop(rest.getInt(start + 4), parse(nativeBuffer(inner), 0)));
            rest.position(Math.min(start + NetlinkWriter.align(length), rest.limit()));
        }
        return hops;
    }

    /** One way of a multipath route. */
    record NextHop(int linkIndex, NetlinkAttributes attributes) {}

    private static ByteBuffer nativeBuffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }
}
