package org.halvs.ipvs.capture;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes captures with nanosecond time stamps. The same frames give the same bytes. */
public final class CaptureWriter {
    private static final int SNAP_LENGTH = 262144;
    private static final int SECTION_LENGTH = 28;

    private CaptureWriter() {}

    /** One pcap file of all frames; it can't say which interface a frame belongs to. */
    public static byte[] pcap(List<CapturedFrame> frames) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] header = new byte[24];
        littleEndian(header)
                .putInt(0xa1b23c4d)
                .putShort((short) 2)
                .putShort((short) 4)
                .putLong(0)
                .putInt(SNAP_LENGTH)
                .putInt(1);
        out.writeBytes(header);
        for (CapturedFrame frame : frames) {
            byte[] record = new byte[16 + frame.bytes().length()];
            littleEndian(record)
                    .putInt((int) (frame.timeNanos() / 1_000_000_000L))
                    .putInt((int) (frame.timeNanos() % 1_000_000_000L))
                    .putInt(frame.bytes().length())
                    .putInt(frame.originalLength())
                    .put(frame.bytes().toArray());
            out.writeBytes(record);
        }
        return out.toByteArray();
    }

    /** One pcapng file with an interface for each name, in the order in which the names first occur. */
    public static byte[] pcapng(List<CapturedFrame> frames) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] section = new byte[SECTION_LENGTH];
        littleEndian(section)
                .putInt(0x0a0d0d0a)
                .putInt(SECTION_LENGTH)
                .putInt(0x1a2b3c4d)
                .putShort((short) 1)
                .putShort((short) 0)
                .putLong(-1)
                .putInt(SECTION_LENGTH);
        out.writeBytes(section);
        List<String> names = new ArrayList<>();
        for (CapturedFrame frame : frames) {
            if (!names.contains(frame.interfaceName())) {
                names.add(frame.interfaceName());
                out.writeBytes(interfaceBlock(frame.interfaceName()));
            }
            out.writeBytes(packetBlock(names.indexOf(frame.interfaceName()), frame));
        }
        return out.toByteArray();
    }

    private static byte[] interfaceBlock(String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        int afterName = 20 + padded(text.length);
        byte[] block = new byte[afterName + 16];
        ByteBuffer out = littleEndian(block);
        out.putInt(1).putInt(block.length).putInt(1).putInt(SNAP_LENGTH);
        out.putShort((short) 2).putShort((short) text.length).put(text);
        out.position(afterName);
        out.putShort((short) 9).putShort((short) 1).putInt(9); // time stamps in units of 10^-9 s
        out.putInt(0).putInt(block.length);
        return block;
    }

    private static byte[] packetBlock(int index, CapturedFrame frame) {
        byte[] block = new byte[32 + padded(frame.bytes().length())];
        ByteBuffer out = littleEndian(block);
        out.putInt(6).putInt(block.length).putInt(index);
        out.putInt((int) (frame.timeNanos() >>> 32)).putInt((int) frame.timeNanos());
        out.putInt(frame.bytes().length()).putInt(frame.originalLength());
        out.put(frame.bytes().toArray());
        out.putInt(block.length - 4, block.length);
        return block;
    }

    private static int padded(int length) {
        return (length + 3) / 4 * 4;
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
