package org.halvs.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * One received netlink message, {@code netlink(7)}.
 *
 * @param type {@code nlmsg_type}
 * @param flags {@code nlmsg_flags}
 * @param sequence the number of the request it answers; 0 for notifications
 * @param port {@code nlmsg_pid}: in a notification the port of who caused it
 * @param payload what follows the header, in the machine's byte order, from position 0
 */
record NetlinkMessage(int type, int flags, int sequence, int port, ByteBuffer payload) {
    static final int ERROR = 2;
    static final int DONE = 3;

    /** {@code NLM_F_DUMP_INTR}: the table changed while the kernel listed it. */
    static final int DUMP_INTERRUPTED = 0x10;

    /** Splits a datagram; the payloads are copies. A malformed rest is left out. */
    static List<NetlinkMessage> split(ByteBuffer datagram) {
        List<NetlinkMessage> messages = new ArrayList<>();
        ByteBuffer rest = datagram.order(ByteOrder.nativeOrder());
        while (rest.remaining() >= NetlinkWriter.HEADER_BYTES) {
            int start = rest.position();
            int length = rest.getInt(start);
            if (length < NetlinkWriter.HEADER_BYTES || length > rest.remaining()) {
                break;
            }
            byte[] payload = new byte[length - NetlinkWriter.HEADER_BYTES];
            rest.get(start + NetlinkWriter.HEADER_BYTES, payload);
            messages.add(new NetlinkMessage(
                    Short.toUnsignedInt(rest.getShort(start + 4)),
                    Short.toUnsignedInt(rest.getShort(start + 6)),
                    rest.getInt(start + 8),
                    rest.getInt(start + 12),
                    ByteBuffer.wrap(payload).order(ByteOrder.nativeOrder())));
            rest.position(Math.min(start + NetlinkWriter.align(length), rest.limit()));
        }
        return messages;
    }

    /** The attributes behind the first {@code fixedBytes} of the payload. */
    NetlinkAttributes attributes(int fixedBytes) {
        return NetlinkAttributes.parse(payload, fixedBytes);
    }
}
