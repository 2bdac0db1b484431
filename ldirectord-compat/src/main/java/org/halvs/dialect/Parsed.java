package org.halvs.dialect;

import java.util.List;
import java.util.Optional;

/**
 * What came of reading a file: the value, and everything worth saying about the file, in the order of its lines.
 *
 * @param value present when the file can take effect, that is when no problem is an error
 */
public record Parsed<T>(Optional<T> value, List<ConfigProblem> problems) {
    public Parsed {
        problems = List.copyOf(problems);
        if (value.isPresent() && problems.stream().anyMatch(ConfigProblem::isError)) {
            throw new IllegalArgumentException("a value in spite of errors: " + problems);
        }
    }

    /** The value, unless one of {@code problems} is an error. */
    public static <T> Parsed<T> of(T value, List<ConfigProblem> problems) {
        boolean broken = problems.stream().anyMatch(ConfigProblem::isError);
        return new Parsed<>(broken ? Optional.empty() : Optional.of(value), problems);
    }

    public List<ConfigProblem> errors() {
        return problems.stream().filter(ConfigProblem::isError).toList();
    }
}
