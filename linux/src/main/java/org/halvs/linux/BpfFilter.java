package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A classic BPF program for a socket ({@code Documentation/networking/filter.rst}): which frames it gets. Offsets count from the first byte of the
 * Ethernet header for a packet socket, from the UDP header for a UDP socket. Immutable.
 *
 * <p>Programs are written as a list of conditions, each of which ends the program or falls through to the next, so that no jump is longer than
 * one condition; the kernel's limit of 255 instructions for a conditional jump never matters. {@link #MAX_INSTRUCTIONS} limits the whole.
 */
public final class BpfFilter {
    /** The longest program the kernel takes ({@code BPF_MAXINSNS}). */
    public static final int MAX_INSTRUCTIONS = 4096;

    /** What {@link Builder#loadAncillary} can load instead of bytes of the frame. */
    public enum Ancillary {
        /** The Ethernet type, with a VLAN tag taken off. */
        PROTOCOL(0),
        /** To whom the frame goes: 0 to this machine, 3 to another one that the card heard too, 4 sent by this machine. */
        PACKET_TYPE(4),
        /** 1 when a VLAN tag was taken off the frame. */
        VLAN_TAG_PRESENT(48),
        /** Another number for each frame. Needs Linux 3.16. */
        RANDOM(56);

        private final int offset;

        Ancillary(int offset) {
            this.offset = offset;
        }
    }

    private static final int LOAD_WORD = 0x20; // BPF_LD | BPF_W | BPF_ABS
    private static final int LOAD_HALF = 0x28;
    private static final int LOAD_BYTE = 0x30;
    private static final int LOAD_LENGTH = 0x80; // BPF_LD | BPF_W | BPF_LEN
    private static final int LOAD_CONSTANT = 0x00; // BPF_LD | BPF_IMM
    private static final int AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
    private static final int JUMP = 0x05; // BPF_JMP | BPF_JA
    private static final int JUMP_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    private static final int JUMP_GREATER = 0x25;
    private static final int RETURN = 0x06; // BPF_RET | BPF_K
    private static final int ANCILLARY_BASE = -0x1000; // SKF_AD_OFF
    private static final int WHOLE_FRAME = 0x7fffffff;
    private static final int INSTRUCTION_BYTES = 8;
    private static final int INSTRUCTIONS_A_MAC = 5;

    private final long[] instructions;

    private BpfFilter(List<Long> instructions) {
        this.instructions = instructions.stream().mapToLong(Long::longValue).toArray();
    }

    /** How many instructions the program has. */
    public int size() {
        return instructions.length;
    }

    /** A {@code struct sock_fprog} with the program behind it, for {@code SO_ATTACH_FILTER}. */
    MemorySegment program(Arena arena) {
        MemorySegment code = arena.allocate((long) INSTRUCTION_BYTES * instructions.length, 8);
        for (int i = 0; i < instructions.length; i++) {
            long at = (long) i * INSTRUCTION_BYTES;
            code.set(ValueLayout.JAVA_SHORT, at, (short) (instructions[i] >>> 48));
            code.set(ValueLayout.JAVA_BYTE, at + 2, (byte) (instructions[i] >>> 40));
            code.set(ValueLayout.JAVA_BYTE, at + 3, (byte) (instructions[i] >>> 32));
            code.set(ValueLayout.JAVA_INT, at + 4, (int) instructions[i]);
        }
        MemorySegment program = arena.allocate(16, 8);
        program.set(ValueLayout.JAVA_SHORT, 0, (short) instructions.length);
        program.set(Libc.POINTER, 8, code);
        return program;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Collects instructions. The conditions test what was loaded last. */
    public static final class Builder {
        private final List<Long> instructions = new ArrayList<>();

        public Builder loadAncillary(Ancillary what) {
            return add(LOAD_WORD, 0, 0, ANCILLARY_BASE + what.offset);
        }

        /** Loads the length of the frame, Ethernet header included. */
        public Builder loadLength() {
            return add(LOAD_LENGTH, 0, 0, 0);
        }

        /** Loads 4 bytes, first one highest. A frame too short for a load is not received. */
        public Builder loadWord(int offset) {
            return add(LOAD_WORD, 0, 0, offset);
        }

        public Builder loadHalf(int offset) {
            return add(LOAD_HALF, 0, 0, offset);
        }

        public Builder loadByte(int offset) {
            return add(LOAD_BYTE, 0, 0, offset);
        }

        /** Has the conditions that follow test a number instead of something of the frame. */
        public Builder loadConstant(int value) {
            return add(LOAD_CONSTANT, 0, 0, value);
        }

        /** Keeps only the bits of what was loaded that are set in {@code mask}. */
        public Builder and(int mask) {
            return add(AND, 0, 0, mask);
        }

        public Builder acceptIfEqual(int value) {
            return add(JUMP_EQUAL, 0, 1, value).accept();
        }

        public Builder rejectIfEqual(int value) {
            return add(JUMP_EQUAL, 0, 1, value).reject();
        }

        public Builder rejectUnlessEqual(int value) {
            return add(JUMP_EQUAL, 1, 0, value).reject();
        }

        /** Both numbers are unsigned. */
        public Builder rejectIfGreater(int value) {
            return add(JUMP_GREATER, 0, 1, value).reject();
        }

        public Builder rejectUnlessGreater(int value) {
            return add(JUMP_GREATER, 1, 0, value).reject();
        }

        /** Goes on only with frames that have one of these MACs at {@code offset}: 0 for the destination, 6 for the source. */
        public Builder rejectUnlessMac(int offset, Collection<MacAddress> macs) {
            int behind = macs.size() * INSTRUCTIONS_A_MAC + 1;
            for (MacAddress mac : macs) {
                loadWord(offset + 2).add(JUMP_EQUAL, 0, 3, (int) mac.value());
                loadHalf(offset).add(JUMP_EQUAL, 0, 1, (int) (mac.value() >>> 32));
                behind -= INSTRUCTIONS_A_MAC;
                add(JUMP, 0, 0, behind);
            }
            return reject();
        }

        /** Runs {@code then} when what was loaded equals {@code value}, and goes on behind it unless that ended the program. */
        public Builder ifEqual(int value, Builder then) {
            add(JUMP_EQUAL, 1, 0, value).add(JUMP, 0, 0, then.instructions.size());
            instructions.addAll(then.instructions);
            return this;
        }

        public Builder accept() {
            return add(RETURN, 0, 0, WHOLE_FRAME);
        }

        public Builder reject() {
            return add(RETURN, 0, 0, 0);
        }

        /** Ends with {@code then} when what was loaded equals {@code value}: for a program that chooses, see {@link DeviceDatagramSocket#openDivided}. */
        public Builder chooseIfEqual(int value, int then) {
            return add(JUMP_EQUAL, 0, 1, value).choose(then);
        }

        public Builder choose(int number) {
            return add(RETURN, 0, 0, number);
        }

        /** How many instructions there are so far. */
        public int size() {
            return instructions.size();
        }

        private Builder add(int code, int ifTrue, int ifFalse, int value) {
            instructions.add((long) code << 48 | (long) ifTrue << 40 | (long) ifFalse << 32 | value & 0xffffffffL);
            return this;
        }

        /** Fails with {@link IllegalStateException} for a program longer than {@link #MAX_INSTRUCTIONS}. */
        public BpfFilter build() {
            if (instructions.isEmpty() || instructions.size() > MAX_INSTRUCTIONS) {
                throw new IllegalStateException("a filter of " + instructions.size() + " instructions");
            }
            return new BpfFilter(instructions);
        }
    }
}
