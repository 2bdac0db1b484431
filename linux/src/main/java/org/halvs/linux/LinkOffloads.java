package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What a network interface leaves to the card, as {@code ethtool -k} shows and {@code ethtool -K} changes it. */
public enum LinkOffloads {
    /** Checksums of frames it sends. */
    TX_CHECKSUM(0x16, 0x17),
    SCATTER_GATHER(0x18, 0x19),
    /** Cutting TCP super-packets. */
    TCP_SEGMENTATION(0x1e, 0x1f),
    /** Cutting super-packets late, in the kernel. */
    GENERIC_SEGMENTATION(0x23, 0x24),
    /** Joining received frames to super-packets. */
    GENERIC_RECEIVE(0x2b, 0x2c);

    private static final long SIOCETHTOOL = 0x8946;

    private final int readCommand;
    private final int writeCommand;

    LinkOffloads(int readCommand, int writeCommand) {
        this.readCommand = readCommand;
        this.writeCommand = writeCommand;
    }

    /** Whether the interface, in the network namespace of the calling thread, does it now. */
    public boolean isOn(String interfaceName) {
        return request(interfaceName, readCommand, 0) != 0;
    }

    /** Switches it. Throws {@link LinuxException} where the driver cannot. */
    public void set(String interfaceName, boolean on) {
        request(interfaceName, writeCommand, on ? 1 : 0);
    }

    private int request(String interfaceName, int command, int value) {
        try (Arena arena = Arena.ofConfined();
                Descriptor control = PacketCalls.controlSocket()) {
            MemorySegment argument = arena.allocate(8, 4); // struct ethtool_value
            argument.set(ValueLayout.JAVA_INT, 0, command);
            argument.set(ValueLayout.JAVA_INT, 4, value);
            MemorySegment request = PacketCalls.interfaceRequest(arena, interfaceName);
            request.set(Libc.POINTER, 16, argument);
            PacketCalls.ioctl(control, SIOCETHTOOL, "SIOCETHTOOL " + name(), request, interfaceName);
            return argument.get(ValueLayout.JAVA_INT, 4);
        }
    }
}
