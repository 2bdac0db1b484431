package org.halvs.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LibcFunctionTest {
    private static final LibcFunction ATOI = LibcFunction.ofInt("atoi");
    private static final LibcFunction STRLEN = LibcFunction.ofLong("strlen");

    /** glibc and musl leave more in the register than the {@code int}: what {@code strtol} computed, or -1 as a positive number. */
    @Test
    void theResultOfAnIntFunctionIsCutOff() {
        try (Arena arena = Arena.ofConfined()) {
            assertThat(ATOI.call(arena.allocateFrom("4294967295"))).isEqualTo(-1);
            assertThat(ATOI.call(arena.allocateFrom("-7"))).isEqualTo(-7);
        }
    }

    @Test
    void aLongIsNotCutOff() {
        assertThat(LibcFunction.ofLong("labs").call(-(1L << 40))).isEqualTo(1L << 40);
        assertThat(LibcFunction.ofInt("abs").call(Integer.MIN_VALUE + 1)).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void sixArgumentsArriveInTheirOrderAlsoWhereTheirNumberVaries() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(64);
            MemorySegment format = arena.allocateFrom("%d %ld %u");
            long length = LibcFunction.ofInt("snprintf")
                    .call(text.address(), text.byteSize(), format.address(), -1, Long.MIN_VALUE, -1);
            assertThat(text.getString(0)).isEqualTo("-1 -9223372036854775808 4294967295");
            assertThat(length).isEqualTo(34);
        }
    }

    @Test
    void whatWentWrongIsThereAfterwards() {
        assertThat(LibcFunction.ofInt("close").call(-1)).isEqualTo(-1);
        assertThat(Libc.errnoNumber()).isEqualTo(9); // EBADF
    }

    @Test
    void memoryThatCCannotReachIsRefused() {
        MemorySegment onHeap = MemorySegment.ofArray(new byte[1]);
        assertThatThrownBy(() -> STRLEN.call(onHeap)).isInstanceOf(IllegalArgumentException.class);
        Arena arena = Arena.ofShared();
        MemorySegment gone = arena.allocateFrom("text");
        assertThat(STRLEN.call(gone)).isEqualTo(4);
        arena.close();
        assertThatThrownBy(() -> STRLEN.call(gone)).isInstanceOf(IllegalArgumentException.class);
        try (Arena confined = Arena.ofConfined()) {
            MemorySegment another = confined.allocateFrom("text");
            assertThatThrownBy(() -> CompletableFuture.supplyAsync(() -> STRLEN.call(another))
                            .join())
                    .hasCauseInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void thereAreNoMoreThanSixArgumentsAndNoFunctionsOfOurInvention() {
        assertThatThrownBy(() -> STRLEN.call(1, 2, 3, 4, 5, 6, 7)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LibcFunction.ofInt("halvs_has_no_such_function"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("halvs_has_no_such_function");
    }
}
